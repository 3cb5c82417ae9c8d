import {
  type EnrichSummary,
  MS_PER_SECOND,
  SOURCE_NAMES,
  StoreError,
  type TakenBatch,
} from "@ipcascade/core";
import { enrichMany } from "../enrich_many.ts";
import type { IncidentBudget } from "../incident_budget.ts";
import type { InputItem } from "../inputs.ts";
import type { WorkCounts } from "./work_counts.ts";
import type { WorkDeps, WorkOptions } from "./work_queue.ts";

/** What a busy database refused is left alone for so long. */
const BUSY_PAUSE_MS = 10 * MS_PER_SECOND;

/** How one batch is worked on. */
export interface WorkBatchOptions extends Pick<WorkOptions, "batchSize" | "abort" | "onFailure"> {
  readonly stop: AbortSignal;
  /** Shared by all batches of the worker. */
  readonly budget: IncidentBudget;
  /** What happens is added to these. */
  readonly counts: WorkCounts;
}

/** Enriches one batch and ends it, one way or the other. Throws `StoreError` when the queue can't be told. */
export async function workBatch(batch: TakenBatch, deps: WorkDeps, options: WorkBatchOptions): Promise<void> {
  if (batch.problem !== undefined) return await failBatch(batch, new Error(batch.problem), deps, options);
  const lease = keepLease(batch, deps);
  try {
    await workLeased(batch, deps, { ...options, lost: lease.lost });
  } finally {
    // Not before the queue knows how the batch ended, which may have to wait as well.
    await lease.end();
  }
}

async function workLeased(
  batch: TakenBatch,
  deps: WorkDeps,
  options: WorkBatchOptions & Pick<Lease, "lost">,
): Promise<void> {
  const { lost, stop, abort, budget, batchSize, counts } = options;
  const run = enrichMany(itemsOf(batch), deps, {
    sources: batch.sources,
    activity: batch.activity,
    records: "none",
    batchSize,
    budget,
    stop,
    abort: AbortSignal.any([lost, abort].filter((one) => one !== undefined)),
  });
  const failures: unknown[] = [];
  try {
    for await (const _ of run.records); // Reading them is what makes the run go on.
  } catch (error) {
    failures.push(error);
  }
  const summary = run.summary();
  // What was stored stays, whatever becomes of the batch.
  counts.addWork(summary);
  if (lost.aborted) {
    counts.lost++;
  } else if (failures.length > 0) {
    await failBatch(batch, failures[0], deps, options);
  } else if (stop.aborted && isUnfinished(batch, summary)) {
    await deps.queue.giveBack(batch);
    counts.given_back++;
  } else if (await deps.queue.finish(batch)) {
    counts.addDone(summary);
  } else counts.lost++;
}

async function* itemsOf({ addresses }: TakenBatch): AsyncGenerator<readonly InputItem[]> {
  yield addresses.map((text) => ({ text, origin: null }));
}

/** A stop ends the reading, and leaves addresses that GreyNoise would have been asked about. */
function isUnfinished(batch: TakenBatch, { inputs, sources }: EnrichSummary): boolean {
  return inputs < batch.addresses.length ||
    SOURCE_NAMES.some((name) => (sources[name].skipped.stopped ?? 0) > 0);
}

async function failBatch(
  batch: TakenBatch,
  error: unknown,
  deps: WorkDeps,
  { counts, onFailure }: WorkBatchOptions,
): Promise<void> {
  const message = error instanceof Error && error.message !== "" ? error.message : String(error);
  const isBusy = error instanceof StoreError && error.isBusy;
  const end = isBusy ? await putOff(batch, deps) : await deps.queue.fail(batch, message);
  if (end === "dead") counts.dead++;
  else counts.failed_tries++;
  onFailure?.(`Cannot enrich ${nameBatch(batch)}, try ${batch.attempt}: ${message}; ${ENDS[end]}`);
}

const ENDS = {
  dead: "it is a dead letter now",
  retry: "it will be tried again",
  busy: "it will be tried again, for the database was busy and this try doesn't count",
} as const;

/** A batch can't help it that somebody locks the tables: that uses up none of its tries. */
async function putOff(batch: TakenBatch, { queue }: WorkDeps): Promise<"busy"> {
  await queue.giveBack(batch, { delayMs: BUSY_PAUSE_MS });
  return "busy";
}

function nameBatch({ id, addresses }: TakenBatch): string {
  if (addresses.length === 0) return `the batch ${id}`;
  return `the batch of ${addresses.length} addresses from ${addresses[0]} on`;
}

interface Lease {
  /** Aborts when the batch is no longer this worker's. */
  readonly lost: AbortSignal;
  end(): Promise<void>;
}

/** Gives signs of life until it is ended. */
function keepLease(batch: TakenBatch, { queue, clock, log }: WorkDeps): Lease {
  const lost = new AbortController();
  const ended = new AbortController();
  const renewing = (async () => {
    while (!ended.signal.aborted && !lost.signal.aborted) {
      await clock.sleep(queue.renewEveryMs, ended.signal).catch(() => {});
      if (ended.signal.aborted) return;
      try {
        if (!await queue.renew(batch)) lost.abort();
      } catch (error) {
        // The next one may come through in time; if none does, the batch is somebody else's.
        log.warn("Batch can't be renewed", { reason: String(error) });
      }
    }
  })();
  return {
    lost: lost.signal,
    end: async () => {
      ended.abort();
      await renewing;
    },
  };
}
