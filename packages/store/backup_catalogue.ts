/** A table that is backed up. */
export interface BackedUpTable {
  readonly table: string;
  /** The columns that tell its rows apart and order them. */
  readonly key: readonly string[];
}

/** What is backed up, in the order in which a restore locks and loads it: what others speak of stands first. */
export const BACKED_UP_TABLES: readonly BackedUpTable[] = [
  { table: "ip_inventory", key: ["ip_address"] },
  { table: "asn_inventory", key: ["asn_number"] },
  { table: "ip_asn_history", key: ["id"] },
  { table: "sessions", key: ["session_id"] },
  { table: "source_state", key: ["source"] },
  { table: "source_rate", key: ["name"] },
  { table: "quota_ledger", key: ["source", "starts_at", "ends_at"] },
  { table: "quota_audit", key: ["id"] },
  { table: "job_run", key: ["id"] },
  { table: "alert_state", key: ["key", "notifier"] },
  { table: "coverage_snapshot", key: ["day"] },
  { table: "request_hour", key: ["hour_at", "source", "channel", "purpose", "outcome"] },
];

/** A table that no backup holds, and why. */
export interface LeftOutTable {
  readonly table: string;
  readonly reason: string;
}

const CLAIM = "who works now is worth nothing later";
const EDITION = "editions are members of their own, whichever place they come from";

/**
 * What is not backed up of this program's own schema. The tables of its queue lie in another schema: work that waits
 * is no knowledge.
 */
export const LEFT_OUT_TABLES: readonly LeftOutTable[] = [
  { table: "work_holder", reason: CLAIM },
  { table: "work_claim", reason: CLAIM },
  { table: "edition_set", reason: EDITION },
  { table: "edition", reason: EDITION },
  { table: "edition_chunk", reason: EDITION },
  { table: "edition_current", reason: EDITION },
  { table: "edition_state", reason: EDITION },
  { table: "edition_lease", reason: CLAIM },
  { table: "job_schedule", reason: "who runs jobs, and by which lines, is a matter of the machines" },
  { table: "schema_migration", reason: "the manifest says how the schema stands" },
  { table: "database_identity", reason: "a restored database stays itself" },
];
