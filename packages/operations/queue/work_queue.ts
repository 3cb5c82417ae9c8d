import { type Clock, type EnrichQueue, MS_PER_SECOND, type SourceName } from "@ipcascade/core";
import { allSettled } from "../all_settled.ts";
import type { EnrichDeps } from "../deps.ts";
import { IncidentBudget } from "../incident_budget.ts";
import { workBatch } from "./work_batch.ts";
import { WorkCounts } from "./work_counts.ts";

/** What a worker works with. */
export interface WorkDeps extends EnrichDeps {
  readonly queue: EnrichQueue;
}

/** How a worker works. */
export interface WorkOptions {
  /** Batches at once. Default 2: one is written while the other one's sources are asked. */
  readonly concurrency?: number;
  /** Addresses that are asked and stored together. Default 5 000. */
  readonly batchSize?: number;
  /** Ends when nothing waits, is worked on by anybody or will be tried again. Default false. */
  readonly drain?: boolean;
  /** Finishes the batches in hand, gives back what is not done of them, then ends. */
  readonly stop?: AbortSignal;
  /** Gives up requests under way as well. */
  readonly abort?: AbortSignal;
  /** Told after each batch, also when the queue can't be told of its end. */
  readonly onBatch?: (report: WorkReport) => void;
  /** Told of each try that failed. */
  readonly onFailure?: (message: string) => void;
}

/** How one source did for a worker. */
export interface SourceWork {
  readonly hit: number;
  readonly miss: number;
  /** Addresses that it was not asked about, by reason. */
  readonly skipped_for: Readonly<Record<string, number>>;
  /** Addresses that it failed for, by reason; their rows say why. */
  readonly failed_for: Readonly<Record<string, number>>;
  /** One sentence about the first failure, without secrets. */
  readonly first_failure: string | null;
}

/** What a worker did. */
export interface WorkReport {
  readonly operation: "work-queue";
  /** Batches done and their addresses. */
  readonly batches: number;
  readonly addresses: number;
  /** Entries of batches done that are no address, or none that anybody is asked about. */
  readonly invalid: number;
  readonly local: number;
  /**
   * Addresses about which a source was asked, nothing was due, or something was in the way. What follows counts
   * batches that were not finished as well: what was stored of them stays.
   */
  readonly asked: number;
  readonly fresh: number;
  readonly held_back: number;
  /** Rows written. */
  readonly stored: number;
  readonly sources: Readonly<Record<SourceName, SourceWork>>;
  /** Tries that failed and will be repeated. */
  readonly failed_tries: number;
  /** Batches that failed in their last try. */
  readonly dead: number;
  /** Batches that were put back when the worker was stopped. */
  readonly given_back: number;
  /** Batches that another worker took, for this one was silent for too long. */
  readonly lost: number;
  readonly elapsed_ms: number;
  readonly stopped: boolean;
}

/** An idle worker asks so often. */
const POLL_MS = MS_PER_SECOND;
/** Silent workers are looked for so often; all workers together do it once. */
const MAINTAIN_MS = 5 * MS_PER_SECOND;

/**
 * Works off the queue until it is stopped or, with `drain`, until nothing is left. A batch ends once the inventory
 * holds its results; when it is delivered twice, its addresses are fresh the second time. A source that is down fails
 * no batch, an error of the database does. Throws `StoreError` when the queue itself can't be reached.
 */
export async function workQueue(deps: WorkDeps, options: WorkOptions = {}): Promise<WorkReport> {
  const { clock } = deps;
  const startedMs = clock.elapsed();
  const counts = new WorkCounts();
  const budget = new IncidentBudget(clock);
  const leaving = new AbortController();
  const stop = AbortSignal.any(
    [leaving.signal, options.stop, options.abort].filter((one) => one !== undefined),
  );
  const report = (): WorkReport =>
    counts.report({ elapsed_ms: clock.elapsed() - startedMs, stopped: options.stop?.aborted === true });
  await deps.queue.maintain();
  const slot = async () => {
    while (!stop.aborted) {
      const batch = await deps.queue.take();
      if (batch !== null) {
        await workBatch(batch, deps, { ...options, stop, budget, counts })
          .finally(() => options.onBatch?.(report()));
      } else if (options.drain === true && await isDrained(deps.queue)) return;
      else await pause(clock, POLL_MS, stop);
    }
  };
  const slots = Array.from({ length: options.concurrency ?? 2 }, () => slot());
  const working = allSettled(slots.map((one) => leaveOnError(one, leaving))).finally(() => leaving.abort());
  await allSettled([working, leaveOnError(keepMaintained(deps, stop), leaving)]);
  return report();
}

async function keepMaintained({ queue, clock }: WorkDeps, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await pause(clock, MAINTAIN_MS, stop);
    if (!stop.aborted) await queue.maintain();
  }
}

async function isDrained(queue: EnrichQueue): Promise<boolean> {
  const { waiting, retrying, active } = await queue.count();
  return waiting + retrying + active === 0;
}

/** One part's failure ends the others after their batches. */
async function leaveOnError(work: Promise<void>, leaving: AbortController): Promise<void> {
  try {
    await work;
  } catch (error) {
    leaving.abort();
    throw error;
  }
}

async function pause(clock: Clock, ms: number, stop: AbortSignal): Promise<void> {
  await clock.sleep(ms, stop).catch(() => {});
}
