import type { AlertStates, Clock, LocalAlertStates, Log, Notifier } from "@ipcascade/core";

/** What alerts are sent with. */
export interface AlertDeps {
  /** Each is told by itself; none waits for another. */
  readonly notifiers: readonly Notifier[];
  /** What was told before; null when it can't be reached. */
  readonly states: AlertStates | null;
  /** Stands in for it meanwhile; null where there is none: what is bad is told then each time. */
  readonly local: LocalAlertStates | null;
  readonly clock: Clock;
  readonly log: Log;
  /** The machine that looks, for people. */
  readonly host: string;
}

/** How long one message may take. */
export const SEND_LIMIT_MS = 15_000;
/** How long all messages of one notifier may take together. */
export const SEND_BUDGET_MS = 45_000;
/** How long the memory of what was told may take for one answer. */
export const STATE_LIMIT_MS = 10_000;
/** How long a right to tell lasts: longer than all the times above together, so that no two senders have it. */
export const CLAIM_MS = 120_000;
