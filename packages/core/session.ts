/** One countable event of a honeypot session. */
export interface SessionEvent {
  /** Microseconds since 1970 UTC: Cowrie's own resolution; exact as a number until the year 2255. */
  readonly atUs: number;
  readonly kind: "login" | "command" | "download" | "other";
}

/**
 * What one stretch of a log says about one session. A log may hold a session in several stretches (rotation,
 * bounded memory), and the same stretch may be imported again: the store counts each instant once.
 */
export interface SessionFragment {
  readonly sessionId: string;
  /** Canonical address, null while the stretch doesn't name it. */
  readonly sourceIp: string | null;
  /** True for globally routable addresses: only these get an inventory row. */
  readonly inInventory: boolean;
  /** Instant of `cowrie.session.connect`, when the stretch holds it. */
  readonly startedAtUs: number | null;
  /** Instant of `cowrie.session.closed`, when the stretch holds it. */
  readonly endedAtUs: number | null;
  /** Duration in milliseconds as `cowrie.session.closed` tells it. */
  readonly durationMs: number | null;
  /** Every event of the stretch, at least one, in log order. */
  readonly events: readonly SessionEvent[];
}

/** What an import changed. */
export interface SessionImportCounts {
  readonly newSessions: number;
  readonly changedSessions: number;
  readonly unchangedSessions: number;
  readonly newAddresses: number;
}

/** One session that waits for its snapshot. */
export interface PendingSession {
  readonly sessionId: string;
  readonly sourceIp: string | null;
}

/** Which sessions to list: named ones, or all. Keyset paging by `afterId`. */
export interface PendingQuery {
  readonly ids: readonly string[] | null;
  readonly afterId: string | null;
  readonly limit: number;
}

/** The sessions and the inventory's activity columns. Every method throws `StoreError` when the database fails. */
export interface SessionStore {
  /**
   * Merges fragments into `sessions` and the activity columns of `ip_inventory` in one transaction. Importing the
   * same fragment again changes nothing.
   */
  importFragments(fragments: readonly SessionFragment[]): Promise<SessionImportCounts>;
  /** Sessions without snapshot in order of their id. */
  listPending(query: PendingQuery): Promise<readonly PendingSession[]>;
  /** Those of the ids that `sessions` does not hold. */
  listUnknown(ids: readonly string[]): Promise<readonly string[]>;
  /**
   * Writes the snapshot of ASN and country from the inventory, once: a session that has one keeps it. A global
   * address whose enrichment has no definite answer yet is left pending, and so is a session without address. Returns how many were written.
   */
  saveSnapshots(sessionIds: readonly string[], now: number): Promise<number>;
}
