import {
  type EnrichSummary,
  type IdlePlan,
  LatencyHistogram,
  type LookupOutcome,
  SOURCE_NAMES,
  type SourceName,
  type SourceSummary,
} from "@ipcascade/core";
import type { PieceCounts } from "./bulk/piece_tally.ts";

interface SourceTally {
  hit: number;
  miss: number;
  readonly skipped: Map<string, number>;
  readonly failed: Map<string, number>;
  readonly latency: LatencyHistogram;
  firstFailure: string | null;
}

/** Counts what happens in a run. */
export class RunTally {
  inputs = 0;
  invalid = 0;
  local = 0;
  fresh = 0;
  asked = 0;
  heldBack = 0;
  stored = 0;
  stopped = false;
  readonly #startedMs: number;
  readonly #sources = new Map<SourceName, SourceTally>(SOURCE_NAMES.map((name) => [name, emptyTally()]));

  /** `startedMs` is a reading of `Clock.elapsed`. */
  constructor(startedMs: number) {
    this.#startedMs = startedMs;
  }

  /** Counts one outcome of one source. */
  add(source: SourceName, outcome: LookupOutcome<unknown>): void {
    const tally = this.#sources.get(source)!;
    switch (outcome.status) {
      case "hit":
      case "miss":
        tally[outcome.status]++;
        tally.latency.add(outcome.durationMs);
        return;
      case "skipped":
        tally.skipped.set(outcome.reason, (tally.skipped.get(outcome.reason) ?? 0) + 1);
        return;
      case "failed": {
        const { reason, message } = outcome.failure;
        tally.failed.set(reason, (tally.failed.get(reason) ?? 0) + 1);
        tally.firstFailure ??= message;
      }
    }
  }

  /** Counts why sources were left alone about so many addresses that stay as they are. */
  addIdle(plan: IdlePlan, count: number): void {
    for (const [source, reason] of Object.entries(plan)) {
      addReasons(this.#sources.get(source as SourceName)!.skipped, { [reason]: count });
    }
  }

  /** Counts what happened in a part of the run, where MaxMind alone was asked. */
  addPiece(counts: PieceCounts): void {
    this.inputs += counts.inputs;
    this.invalid += counts.invalid;
    this.local += counts.local;
    this.asked += counts.asked;
    const tally = this.#sources.get("maxmind")!;
    tally.hit += counts.hits;
    tally.miss += counts.misses;
    addReasons(tally.skipped, counts.skipped);
    addReasons(tally.failed, counts.failed);
    tally.firstFailure ??= counts.firstFailure;
    const { timings } = counts;
    for (let i = 0; i < timings.length; i += 2) tally.latency.add(timings[i]!, timings[i + 1]!);
  }

  /** The report so far; `nowMs` is a reading of `Clock.elapsed`. */
  summarise(nowMs: number): EnrichSummary {
    const { inputs, invalid, local, fresh, asked, heldBack, stored, stopped } = this;
    const sources = Object.fromEntries(
      [...this.#sources].map(([name, tally]) => [name, summariseSource(tally)]),
    ) as Record<SourceName, SourceSummary>;
    const elapsedMs = nowMs - this.#startedMs;
    return { inputs, invalid, local, fresh, asked, heldBack, stored, sources, elapsedMs, stopped };
  }
}

function addReasons(sums: Map<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [reason, times] of Object.entries(more)) sums.set(reason, (sums.get(reason) ?? 0) + times);
}

function emptyTally(): SourceTally {
  return {
    hit: 0,
    miss: 0,
    skipped: new Map(),
    failed: new Map(),
    latency: new LatencyHistogram(),
    firstFailure: null,
  };
}

function summariseSource(tally: SourceTally): SourceSummary {
  return {
    hit: tally.hit,
    miss: tally.miss,
    skipped: Object.fromEntries(tally.skipped),
    failed: Object.fromEntries(tally.failed),
    latency: tally.latency.summarise(),
    firstFailure: tally.firstFailure,
  };
}
