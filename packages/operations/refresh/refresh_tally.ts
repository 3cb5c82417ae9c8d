import { formatInstant, type LookupOutcome, type SkipReason } from "@ipcascade/core";
import type { SourceRefresh } from "./refresh_report.ts";

/** Counts what a refresh does at one source. */
export class RefreshTally {
  refreshed = 0;
  missed = 0;
  failed = 0;
  remaining = 0;
  until: number | null = null;
  readonly #skippedFor = new Map<SkipReason, number>();
  readonly #failedFor = new Map<string, number>();
  readonly #startedMs: number;
  #firstFailure: string | null = null;

  /** `startedMs` is a reading of `Clock.elapsed`. */
  constructor(startedMs: number) {
    this.#startedMs = startedMs;
  }

  get attempted(): number {
    return this.refreshed + this.missed + this.failed;
  }

  /** Counts one row that was asked about. */
  add(outcome: LookupOutcome<unknown>): void {
    switch (outcome.status) {
      case "hit":
        this.refreshed++;
        return;
      case "miss":
        this.missed++;
        return;
      case "skipped":
        return this.skip(outcome.reason, 1);
      case "failed": {
        const { reason, message } = outcome.failure;
        this.failed++;
        this.#failedFor.set(reason, (this.#failedFor.get(reason) ?? 0) + 1);
        this.#firstFailure ??= message;
      }
    }
  }

  /** Counts rows that were left alone; none where a reason is to be told although there is nothing to do. */
  skip(reason: SkipReason, rows: number): void {
    this.#skippedFor.set(reason, (this.#skippedFor.get(reason) ?? 0) + rows);
  }

  /** The report; `nowMs` is a reading of `Clock.elapsed`. */
  report(nowMs: number): SourceRefresh {
    const { attempted, refreshed, missed, failed, remaining, until } = this;
    return {
      attempted,
      refreshed,
      missed,
      skipped: [...this.#skippedFor.values()].reduce((sum, rows) => sum + rows, 0),
      failed,
      remaining,
      skipped_for: Object.fromEntries(this.#skippedFor),
      failed_for: Object.fromEntries(this.#failedFor),
      until: formatInstant(until),
      first_failure: this.#firstFailure,
      elapsed_ms: Math.round(nowMs - this.#startedMs),
    };
  }
}
