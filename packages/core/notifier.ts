import type { AlertGrade, AlertKind } from "./alert.ts";
import { EnrichmentError } from "./errors.ts";

/** A message to people. Instants are milliseconds since 1970 UTC. */
export interface Alert {
  /** `test` says that nothing happened. */
  readonly kind: AlertKind | "test";
  /** Such as `quota`. */
  readonly key: string;
  readonly grade: AlertGrade;
  /** What was told before; null where nothing was, or nobody remembers. */
  readonly previousGrade: AlertGrade | null;
  /** The state in a few words, such as `812 of 10000 left`. */
  readonly title: string;
  /** The state in a sentence. */
  readonly message: string;
  /** The command that mends it, or tells more. */
  readonly fix: string | null;
  /** Since when it is so; null where nobody remembers. */
  readonly since: number | null;
  readonly at: number;
  /** The machine that looked. */
  readonly host: string;
  /** What else there is to know, such as that this message may come again; null where nothing. */
  readonly remark: string | null;
}

/** Brings messages to people. */
export interface Notifier {
  /** Stable, such as `mail`: what was told is remembered by it. */
  readonly name: string;
  /**
   * Gives up when the signal aborts. Gives null, or who of several does not get the message, in words. Throws
   * `NotifierError` when it was not taken for anybody.
   */
  send(alert: Alert, signal: AbortSignal): Promise<string | null>;
}

/** Thrown when a message could not be sent. The message holds no secret. */
export class NotifierError extends EnrichmentError {
  override readonly code = "NOTIFIER_FAILED";
}
