import { type Clock, type EnrichQueue, formatInstant } from "@ipcascade/core";

/** Batches in workers' hands and dead letters that are named one by one. */
const MAX_LISTED = 100;

/** What is in the queue. Times are RFC 3339 UTC. */
export interface QueueStatus {
  readonly operation: "queue-status";
  readonly checked_at: string;
  /** Batches by state: `retrying` ones failed and wait for their next try. */
  readonly waiting: number;
  readonly retrying: number;
  readonly active: number;
  readonly completed: number;
  readonly dead: number;
  /** When the oldest batch that waits was submitted. */
  readonly oldest_waiting_at: string | null;
  readonly oldest_waiting_seconds: number | null;
  /** The oldest hundred. */
  readonly active_batches: readonly {
    readonly id: string;
    /** Host and process number. */
    readonly worker: string;
    readonly addresses: number;
    /** Which try this is, from 1. */
    readonly attempt: number;
    readonly taken_at: string;
    /** The worker's last sign of life. */
    readonly renewed_at: string;
  }[];
  /** The newest hundred. */
  readonly dead_letters: readonly {
    readonly id: string;
    readonly addresses: number;
    readonly first_address: string;
    readonly died_at: string;
    readonly error: string;
  }[];
}

/** What happened to the dead letters. */
export interface DeadLetterReport {
  readonly operation: "retry-dead-letters" | "drop-dead-letters";
  readonly batches: number;
}

/** The queue that is looked at or changed. */
export interface QueueDeps {
  readonly queue: EnrichQueue;
}

/** Reads the state of the queue. Throws `StoreError` when the database fails. */
export async function checkQueue(deps: QueueDeps & { readonly clock: Clock }): Promise<QueueStatus> {
  const { queue, clock } = deps;
  const { oldestWaitingAt, ...counts } = await queue.count();
  const now = clock.now();
  const waitedMs = oldestWaitingAt === null ? null : Math.max(0, now - oldestWaitingAt);
  return {
    operation: "queue-status",
    checked_at: formatInstant(now),
    ...counts,
    oldest_waiting_at: formatInstant(oldestWaitingAt),
    oldest_waiting_seconds: waitedMs === null ? null : Math.round(waitedMs / 1_000),
    active_batches: (await queue.listActive(MAX_LISTED)).map(({ takenAt, renewedAt, ...rest }) => ({
      ...rest,
      taken_at: formatInstant(takenAt),
      renewed_at: formatInstant(renewedAt),
    })),
    dead_letters: (await queue.listDead(MAX_LISTED)).map(({ firstAddress, diedAt, error, ...rest }) => ({
      ...rest,
      first_address: firstAddress,
      died_at: formatInstant(diedAt),
      error,
    })),
  };
}

/** Submits every dead letter anew. Throws `StoreError` when the database fails. */
export async function retryDeadLetters({ queue }: QueueDeps): Promise<DeadLetterReport> {
  return { operation: "retry-dead-letters", batches: await queue.retryDead() };
}

/** Discards every dead letter. Throws `StoreError` when the database fails. */
export async function dropDeadLetters({ queue }: QueueDeps): Promise<DeadLetterReport> {
  return { operation: "drop-dead-letters", batches: await queue.dropDead() };
}
