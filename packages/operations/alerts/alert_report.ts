/** One message that was not sent. */
export interface AlertFailure {
  readonly key: string;
  /** Without secrets. */
  readonly message: string;
}

/** How many messages went where. */
export interface AlertCounts {
  /** Changes that were told. */
  readonly sent: number;
  readonly reminded: number;
  readonly recovered: number;
  /** Bad states that were told before. */
  readonly suppressed: number;
  /** What another process has the right to tell: not told yet, as far as anybody knows. */
  readonly elsewhere: number;
  readonly failed: number;
}

/** What one notifier did. */
export interface NotifierReport extends AlertCounts {
  /** Such as `mail`. */
  readonly notifier: string;
  readonly failures: readonly AlertFailure[];
  /** False when what was told before could not be read or written: messages may come again then. */
  readonly is_remembered: boolean;
  /** Where that was read last: `local` is this machine's own, while the database can't be used. */
  readonly memory: "database" | "local" | "none";
}

/** The report on sending alerts. Instants are RFC 3339 UTC. */
export interface AlertReport extends AlertCounts {
  readonly operation: "send-alerts";
  /** `off` where no notifier is configured; `failed` where nothing of what there was to tell could be told. */
  readonly status: "done" | "partly_failed" | "failed" | "off";
  /** How many states were looked at. */
  readonly observed: number;
  readonly notifiers: readonly NotifierReport[];
  readonly finished_at: string;
}

/** The status of a report by what was told and what was not. */
export function alertStatus(counts: AlertCounts, notifiers: readonly unknown[]): AlertReport["status"] {
  if (notifiers.length === 0) return "off";
  if (counts.failed === 0) return "done";
  return counts.sent + counts.reminded + counts.recovered > 0 ? "partly_failed" : "failed";
}
