import type {
  BackupDepth,
  BackupOrigin,
  BackupReason,
  MissingEditions,
  RestoreCarry,
  TableDifference,
} from "@ipcascade/core";

/** A backup in short. Instants are RFC 3339 UTC. */
export interface BackupSummary {
  readonly id: string;
  readonly status: "ok";
  readonly created_at: string;
  readonly reason: BackupReason;
  readonly product_version: string;
  readonly schema_version: number;
  readonly origin: BackupOrigin;
  readonly encrypted: boolean;
  readonly rows: number;
  /** Of rows and editions, before they were packed. */
  readonly bytes: number;
  /** Of the files. */
  readonly file_bytes: number;
  /** Databases in it, such as `GeoLite2-City.mmdb`; null without any. */
  readonly editions: readonly string[] | null;
  readonly missing_editions: MissingEditions | null;
  /** Null for one that was not verified, or was changed since. */
  readonly verified: { readonly at: string; readonly depth: BackupDepth } | null;
}

/** A backup that can't be trusted, or whose manifest can't be read. */
export interface DamagedBackup {
  readonly id: string;
  readonly status: "damaged";
  /** What verification found, or what names and sizes of its files say. */
  readonly message: string;
}

/** What lies at the place of the backups, newest first. */
export interface BackupListReport {
  readonly operation: "list-backups";
  readonly place: string;
  readonly backups: readonly (BackupSummary | DamagedBackup)[];
  readonly verified: number;
  readonly damaged: number;
}

/** What verification found of one file. */
export interface VerifiedMember {
  /** The table or edition; `manifest`; or the name of a file that no manifest names. */
  readonly member: string;
  readonly file: string;
  /** Null where rows were not read, and for editions. */
  readonly rows: number | null;
  readonly bytes: number | null;
  /** Null when it is as it should be. */
  readonly problem: string | null;
}

/** How one backup stands. */
export interface BackupVerifyReport {
  readonly operation: "verify-backup";
  readonly place: string;
  readonly id: string;
  /**
   * `sealed`: every file is as it was written, but it is encrypted and no identity that opens it is known here: nobody
   * read its rows. `refused`: it is of a format or a schema that this program does not know, which says nothing of it.
   */
  readonly status: "sound" | "sealed" | "refused" | "damaged";
  readonly depth: BackupDepth;
  readonly members: readonly VerifiedMember[];
  /** The first problem, with its member; null without one. */
  readonly message: string | null;
  readonly started_at: string;
  readonly duration_ms: number;
}

/** What pruning did, or would do. */
export interface BackupPruneReport {
  readonly operation: "prune-backups";
  /** `refused` while `refused` says why. */
  readonly status: "done" | "refused";
  readonly place: string;
  readonly is_dry_run: boolean;
  readonly keep_days: number;
  readonly kept: readonly { readonly id: string; readonly reason: string }[];
  readonly removed: readonly { readonly id: string; readonly reason: string }[];
  /** Backups that lost editions whose licence is over. */
  readonly stripped: readonly { readonly id: string; readonly editions: readonly string[] }[];
  /** Leftovers of killed backups that were swept away. */
  readonly leftovers: number;
  /** Why nothing was removed although something is old enough; null otherwise. */
  readonly refused: string | null;
}

/** A backup that was made. */
export interface BackUpReport {
  readonly operation: "back-up";
  readonly status: "done";
  readonly place: string;
  readonly backup: BackupSummary;
  readonly tables: readonly {
    readonly table: string;
    readonly rows: number;
    readonly bytes: number;
    readonly file_bytes: number;
  }[];
  readonly verification: BackupVerifyReport;
  /** Null when it was not asked for. */
  readonly pruning: BackupPruneReport | null;
  readonly started_at: string;
  readonly duration_ms: number;
}

/** What a restore did to one table, or would do. */
export interface RestoredTable {
  readonly table: string;
  /** Rows of the backup. */
  readonly rows: number;
  /** Null where they were not compared: without `--dry-run`. */
  readonly difference: Omit<TableDifference, "table"> | null;
}

/** What a restore did, or would do. */
export interface RestoreReport {
  readonly operation: "restore";
  /** `would_restore` is a dry run's. */
  readonly status: "done" | "would_restore";
  readonly place: string;
  readonly backup: BackupSummary;
  /** Where the rows come from when that is another database than the one they go into; null otherwise. */
  readonly other_database: BackupOrigin | null;
  readonly is_dry_run: boolean;
  readonly tables: readonly RestoredTable[];
  /** The backup of what was replaced; null for a dry run. */
  readonly safety_backup: string | null;
  readonly editions: {
    readonly outcome: "installed" | "kept" | "none" | "refused" | "not_wanted";
    readonly message: string;
  };
  /** What was not set back. */
  readonly carried: readonly RestoreCarry[];
  /** Version of an older schema that the rows were brought from; null for the present one. */
  readonly migrated_from: number | null;
  readonly started_at: string;
  readonly duration_ms: number;
}
