import type { SourceName } from "./outcome.ts";
import type { ActivityFilter } from "./inventory.ts";

/** Addresses that are enriched together, and how. */
export interface EnrichBatch {
  /** Canonical texts of globally routable addresses, each once. */
  readonly addresses: readonly string[];
  /** Sources that may be asked. */
  readonly sources: readonly SourceName[];
  /** Asks GreyNoise only about addresses with such a session; null: about all. */
  readonly activity: ActivityFilter | null;
}

/** A batch in a worker's hands. */
export interface TakenBatch extends EnrichBatch {
  readonly id: string;
  /** Which try this is, from 1. */
  readonly attempt: number;
  /** Why it can't be worked on, for people; such a batch has no addresses. Absent when it can. */
  readonly problem?: string;
}

/** How a failed try ended: the batch waits for the next one, or is a dead letter. */
export type FailedTry = "retry" | "dead";

/** Batches by state. */
export interface QueueCounts {
  /** Ready to be taken. */
  readonly waiting: number;
  /** Failed, waiting for their next try. */
  readonly retrying: number;
  /** In a worker's hands. */
  readonly active: number;
  /** Done within the last twelve hours or so. */
  readonly completed: number;
  /** Given up after their last try. */
  readonly dead: number;
  /** When the oldest one that waits was submitted, in milliseconds since 1970 UTC; null when none waits. */
  readonly oldestWaitingAt: number | null;
}

/** A batch that some worker works on. Instants are milliseconds since 1970 UTC. */
export interface ActiveBatch {
  readonly id: string;
  /** The worker for people: host and process number. */
  readonly worker: string;
  readonly addresses: number;
  readonly attempt: number;
  readonly takenAt: number;
  /** Last sign of life. */
  readonly renewedAt: number;
}

/** A batch that was given up. */
export interface DeadLetter {
  readonly id: string;
  readonly addresses: number;
  /** One of its addresses, to tell it from others. */
  readonly firstAddress: string;
  /** Milliseconds since 1970 UTC. */
  readonly diedAt: number;
  /** What its last try ended with, without secrets. */
  readonly error: string;
}

/**
 * Work that waits in the database. A batch is delivered to one worker at a time, and at least once: a worker that is
 * silent for too long loses it to another. Every method throws `StoreError` when the database fails.
 */
export interface EnrichQueue {
  /** How often a worker has to renew what it holds, in milliseconds. */
  readonly renewEveryMs: number;
  submit(batch: EnrichBatch): Promise<void>;
  /** Takes the oldest batch that is ready; null when none is. */
  take(): Promise<TakenBatch | null>;
  /** Gives a sign of life; false when the batch is no longer this worker's. */
  renew(batch: TakenBatch): Promise<boolean>;
  /** Ends a batch whose results are stored; false when it is no longer this worker's, and nothing ended. */
  finish(batch: TakenBatch): Promise<boolean>;
  /** Ends a try; `message` is kept with the batch and loses its secrets. */
  fail(batch: TakenBatch, message: string): Promise<FailedTry>;
  /** Puts a batch back as if it had not been taken; nobody takes it for `delayMs`. Default 0. */
  giveBack(batch: TakenBatch, options?: { readonly delayMs?: number }): Promise<void>;
  /**
   * Takes batches away from silent workers and old records out of the tables. Cheap, for all workers together. While
   * nobody could do it, nobody may have been heard either: then workers get some time to give a sign of life.
   */
  maintain(): Promise<void>;
  count(): Promise<QueueCounts>;
  /** Batches in workers' hands, the oldest first. */
  listActive(limit: number): Promise<readonly ActiveBatch[]>;
  /** Dead letters, the newest first. */
  listDead(limit: number): Promise<readonly DeadLetter[]>;
  /** Submits every dead letter anew; tells how many. */
  retryDead(): Promise<number>;
  /** Discards every dead letter; tells how many. */
  dropDead(): Promise<number>;
}
