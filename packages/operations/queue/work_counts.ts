import { type EnrichSummary, SOURCE_NAMES, type SourceName, type SourceSummary } from "@ipcascade/core";
import type { SourceWork, WorkReport } from "./work_queue.ts";

type SourceCounts = { -readonly [Key in keyof SourceWork]: SourceWork[Key] } & {
  skipped_for: Record<string, number>;
  failed_for: Record<string, number>;
};

/** What a worker did so far. */
export class WorkCounts {
  failed_tries = 0;
  dead = 0;
  given_back = 0;
  lost = 0;
  readonly #done = { batches: 0, addresses: 0, invalid: 0, local: 0 };
  readonly #work = { asked: 0, fresh: 0, held_back: 0, stored: 0 };
  readonly #sources = Object.fromEntries(SOURCE_NAMES.map((name) => [name, noCounts()])) as Record<
    SourceName,
    SourceCounts
  >;

  /** Adds a batch that is done; what came of it is added by `addWork`. */
  addDone({ inputs, invalid, local }: EnrichSummary): void {
    this.#done.batches++;
    this.#done.addresses += inputs - invalid - local;
    this.#done.invalid += invalid;
    this.#done.local += local;
  }

  /** Adds what was asked and stored, also of a batch that is not done. */
  addWork({ asked, fresh, heldBack, stored, sources }: EnrichSummary): void {
    this.#work.asked += asked;
    this.#work.fresh += fresh;
    this.#work.held_back += heldBack;
    this.#work.stored += stored;
    for (const name of SOURCE_NAMES) addSource(this.#sources[name], sources[name]);
  }

  /** The report so far. */
  report(run: Pick<WorkReport, "elapsed_ms" | "stopped">): WorkReport {
    const { failed_tries, dead, given_back, lost } = this;
    return {
      operation: "work-queue",
      ...this.#done,
      ...this.#work,
      sources: structuredClone(this.#sources),
      failed_tries,
      dead,
      given_back,
      lost,
      ...run,
    };
  }
}

function noCounts(): SourceCounts {
  return { hit: 0, miss: 0, skipped_for: {}, failed_for: {}, first_failure: null };
}

function addSource(counts: SourceCounts, summary: SourceSummary): void {
  counts.hit += summary.hit;
  counts.miss += summary.miss;
  addReasons(counts.skipped_for, summary.skipped);
  addReasons(counts.failed_for, summary.failed);
  counts.first_failure ??= summary.firstFailure;
}

function addReasons(counts: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [reason, times] of Object.entries(more)) counts[reason] = (counts[reason] ?? 0) + times;
}
