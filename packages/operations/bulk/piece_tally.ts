import type { LookupOutcome, SourceName } from "@ipcascade/core";

/** What happened in a part of a run, as plain data: a worker hands it over with what it wrote. */
export interface PieceCounts {
  readonly inputs: number;
  readonly invalid: number;
  readonly local: number;
  readonly asked: number;
  readonly hits: number;
  readonly misses: number;
  /** Numbers by reason. */
  readonly failed: Readonly<Record<string, number>>;
  readonly skipped: Readonly<Record<string, number>>;
  readonly firstFailure: string | null;
  /** Durations of look-ups in milliseconds, each followed by how many took it. */
  readonly timings: readonly number[];
}

/** Counts what happens in a part of a run. Only MaxMind is asked there. */
export class PieceTally implements PieceCounts {
  inputs = 0;
  invalid = 0;
  local = 0;
  asked = 0;
  hits = 0;
  misses = 0;
  readonly failed: Record<string, number> = {};
  readonly skipped: Record<string, number> = {};
  firstFailure: string | null = null;
  readonly timings: number[] = [];

  /** Counts one outcome. */
  add(_source: SourceName, outcome: LookupOutcome<unknown>): void {
    switch (outcome.status) {
      case "hit":
        this.hits++;
        this.timings.push(outcome.durationMs, 1);
        return;
      case "miss":
        this.misses++;
        this.timings.push(outcome.durationMs, 1);
        return;
      case "skipped":
        this.skipped[outcome.reason] = (this.skipped[outcome.reason] ?? 0) + 1;
        return;
      case "failed": {
        const { reason, message } = outcome.failure;
        this.failed[reason] = (this.failed[reason] ?? 0) + 1;
        this.firstFailure ??= message;
      }
    }
  }

  /** Adds what happened in another part. */
  addAll(counts: PieceCounts): void {
    this.inputs += counts.inputs;
    this.invalid += counts.invalid;
    this.local += counts.local;
    this.asked += counts.asked;
    this.hits += counts.hits;
    this.misses += counts.misses;
    addReasons(this.failed, counts.failed);
    addReasons(this.skipped, counts.skipped);
    this.firstFailure ??= counts.firstFailure;
    this.timings.push(...counts.timings);
  }
}

function addReasons(sums: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [reason, times] of Object.entries(more)) sums[reason] = (sums[reason] ?? 0) + times;
}
