import type { JobName } from "./job.ts";
import type { SourceName } from "./outcome.ts";

/**
 * By which way a source was asked: `local` a batch of look-ups in an edition, `whois` a bulk session, `dns` a question
 * about one address, `http` a request about one address.
 */
export type RequestChannel = "local" | "whois" | "dns" | "http";

/**
 * How a request ended.
 * - `answered`: with an answer, misses included; a session that answered for one address at least
 * - `limited`: a 429
 * - `timeout`: no answer in time
 * - `unsent`: it certainly never reached the source
 * - `failed`: any other failure
 */
export type RequestOutcome = "answered" | "limited" | "timeout" | "unsent" | "failed";

/** What a source is asked for: a job, or a command that is none. */
export type RequestPurpose = JobName | "enrich" | "sessions" | "work" | "profile" | "diagnose" | "other";

/** One request to a source: a session, a question, a call, or a batch of local look-ups. */
export interface SourceRequest {
  readonly source: SourceName;
  readonly channel: RequestChannel;
  readonly outcome: RequestOutcome;
  /** Addresses that it was about. */
  readonly addresses: number;
  /** From sending to the end of the answer, without waiting for a turn. */
  readonly durationMs: number;
}

/** Takes note of requests. Costs next to nothing and never throws. */
export interface RequestRecord {
  add(request: SourceRequest): void;
}

/** The requests of one clock hour (UTC) that have everything but their durations in common. */
export interface RequestHour {
  /** Begin of the hour, milliseconds since 1970 UTC. */
  readonly hourAt: number;
  readonly source: SourceName;
  readonly channel: RequestChannel;
  /** A `RequestPurpose`, perhaps of another version. */
  readonly purpose: string;
  readonly outcome: RequestOutcome;
  readonly requests: number;
  readonly addresses: number;
  /** Of all requests together. */
  readonly durationMs: number;
  /** How many requests by duration, see `latencyBucket`; of local batches by their mean for one address. */
  readonly buckets: readonly number[];
}

/** What one source was asked in an hour by one channel, whatever for and however it ended. */
export interface SourceHour extends Pick<RequestHour, "hourAt" | "channel" | "requests" | "addresses"> {
  /** Those of the requests that were not `answered`. */
  readonly unanswered: number;
}

/** What was asked of the sources, by all processes on one database. Methods throw `StoreError`. */
export interface RequestHistory {
  /** Every hour that is not over at `since`, the oldest first. */
  list(since: number): Promise<readonly RequestHour[]>;
  /** The hours of one source that are not over at `since`, the oldest first. */
  perHour(source: SourceName, since: number): Promise<readonly SourceHour[]>;
}

/** Keeps what was asked of the sources. Methods throw `StoreError`. */
export interface RequestHours extends RequestHistory {
  /** Adds to what is kept, in one statement; it is not tried again when the connection is lost. */
  addMany(hours: readonly RequestHour[]): Promise<void>;
  /** Forgets the hours that began before an instant. Gives how many entries these were. */
  prune(before: number): Promise<number>;
}

/** How long hours are kept: a month, and the days in which somebody asks about it. */
export const REQUEST_DAYS = 35;
