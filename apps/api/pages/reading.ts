import { type Clock, EnrichmentError, type Log, MS_PER_SECOND, StoreError } from "@ipcascade/core";
import { inLimitedTime, TimeLimitError } from "@ipcascade/operations";

/** What a panel shows, or why it can't. */
export type Reading<T> =
  | { readonly isKnown: true; readonly value: T }
  | { readonly isKnown: false; readonly reason: string };

/** Something that pages show, read at most once at a time. */
export interface ReadingSource<T> {
  /** Never throws, and never takes longer than a page waits. */
  read(): Promise<Reading<T>>;
  /** The next one is read anew. */
  forget(): void;
}

/** How something is read. */
export interface ReadingOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** So long nothing newer is asked for, in milliseconds. */
  readonly freshMs: number;
  /** How long a page waits, in milliseconds. Default 2 s. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 2 * MS_PER_SECOND;
/** What takes longer than this was lost, and is begun anew. */
const LOST_MS = 60 * MS_PER_SECOND;

/**
 * Reads for all pages together: whoever asks while a read is under way waits for that one. What takes longer than a
 * page waits goes on, and is there for the next page; until then the page shows what was known before.
 */
export function createReading<T>(read: () => Promise<T>, options: ReadingOptions): ReadingSource<T> {
  const { clock, log, freshMs, patienceMs = PATIENCE_MS } = options;
  let last: { readonly value: T; readonly at: number } | null = null;
  let pending: { readonly work: Promise<T>; readonly since: number } | null = null;
  const begin = (): Promise<T> => {
    const now = clock.elapsed();
    if (pending !== null && now - pending.since < LOST_MS) return pending.work;
    const begun = { work: read(), since: now };
    pending = begun;
    begun.work.then((value) => {
      if (pending === begun) last = { value, at: clock.elapsed() };
    }, () => last = null).finally(() => {
      if (pending === begun) pending = null;
    });
    return begun.work;
  };
  return {
    read: async () => {
      if (last !== null && clock.elapsed() - last.at < freshMs) return { isKnown: true, value: last.value };
      try {
        return { isKnown: true, value: await inLimitedTime(begin, { clock, limitMs: patienceMs }) };
      } catch (error) {
        if (error instanceof TimeLimitError && last !== null) return { isKnown: true, value: last.value };
        return { isKnown: false, reason: describeTrouble(error, log) };
      }
    },
    forget: () => {
      last = null;
      pending = null;
    },
  };
}

/** Why something can't be shown, for people; what nobody expected stays in the log. */
export function describeTrouble(error: unknown, log: Log): string {
  if (error instanceof StoreError) return "the database can't be used now";
  if (error instanceof EnrichmentError || error instanceof TimeLimitError) return error.message;
  log.error("A part of a page failed", { reason: error instanceof Error ? error.stack : String(error) });
  return "it failed for a reason that is in the server's log";
}
