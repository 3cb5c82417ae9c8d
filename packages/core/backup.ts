import type { EditionSet } from "./edition.ts";

/** The format of manifests that this program writes and reads. */
export const BACKUP_FORMAT = 1;

/** Why a backup was made: by the job or a person, or before a restore replaced what it holds. */
export const BACKUP_REASONS = ["backup", "before_restore"] as const;
/** One of the reasons. */
export type BackupReason = (typeof BACKUP_REASONS)[number];

/** A column as it was backed up. */
export interface BackupColumn {
  readonly name: string;
  /** As the database names it, such as `timestamp with time zone`. */
  readonly type: string;
}

/**
 * One link of the chain of content checks over a table's rows, which stand in the order of their key: `sha256` is over
 * the digest of the link before (64 hexadecimal digits; nothing for the first) and the rows since then, as COPY's text
 * format writes them.
 */
export interface BackupCheck {
  /** Rows from the table's first up to here. */
  readonly rows: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** The generator of a table's own numbers, as it stood. */
export interface BackupSequence {
  readonly column: string;
  /** The number that the next row gets, in decimal: it may be beyond what a JSON number holds. */
  readonly next: string;
}

/** What every member says of its file. */
export interface BackupFile {
  /** Name of the file in the backup, such as `ip_inventory.copy.gz`. */
  readonly file: string;
  /** Size of the file: compressed, and encrypted where the backup is. */
  readonly file_bytes: number;
  /** Of the file, lower-case hexadecimal. */
  readonly file_sha256: string;
}

/** A table's rows. */
export interface BackupTable extends BackupFile {
  readonly table: string;
  /** In the order of the fields in the rows; columns that the database derives are left out. */
  readonly columns: readonly BackupColumn[];
  /** The columns that order the rows. */
  readonly key: readonly string[];
  readonly sequence: BackupSequence | null;
  readonly rows: number;
  /** Size of the rows as COPY's text format writes them. */
  readonly bytes: number;
  /** One for each 100 000 rows; the last one covers all. A table without rows has one, of nothing. */
  readonly checks: readonly BackupCheck[];
}

/** A database of the set of editions that served. */
export interface BackupEdition extends BackupFile {
  /** Name of the file within its set, such as `GeoLite2-City.mmdb`. */
  readonly edition: string;
  /** Size and digest of the database itself. */
  readonly bytes: number;
  readonly sha256: string;
}

/** The set of editions that served, with where its databases are. */
export interface BackupEditionSet {
  readonly set: EditionSet;
  readonly files: readonly BackupEdition[];
}

/** Why a backup holds no editions. */
export interface MissingEditions {
  /** `none`: none served; `expired`: the licence's days were over; `unreadable`: what served could not be read. */
  readonly reason: "none" | "expired" | "unreadable" | "not_wanted";
  /** RFC 3339 UTC: when that was found, which may be long after the backup was made. */
  readonly at: string;
  readonly message: string;
}

/** Where rows come from. Holds no secret. */
export interface BackupOrigin {
  /** A UUID that the database keeps; null where it could not be written, as on a standby. */
  readonly id: string | null;
  readonly kind: "embedded" | "server";
  /** Of the database on its server. */
  readonly name: string;
  /** Such as `18.1`. */
  readonly server_version: string;
}

/** How a schema stands: its newest step, and a digest over the steps up to it. */
export interface SchemaStamp {
  readonly version: number;
  /** Lower-case hexadecimal SHA-256. */
  readonly checksum: string;
}

/** That and how members are encrypted. */
export interface BackupEncryption {
  readonly method: "age";
  /** Who can read it. */
  readonly recipients: readonly string[];
}

/**
 * What a backup is made of. A backup without a manifest does not exist. Instants are RFC 3339 UTC.
 */
export interface BackupManifest {
  readonly format: typeof BACKUP_FORMAT;
  /** Sorts by time: `20261126-010000-1a2b3c4d`. */
  readonly id: string;
  readonly created_at: string;
  readonly reason: BackupReason;
  readonly product_version: string;
  readonly schema: SchemaStamp;
  readonly origin: BackupOrigin;
  readonly encryption: BackupEncryption | null;
  readonly tables: readonly BackupTable[];
  readonly editions: BackupEditionSet | null;
  /** Null while `editions` is there. */
  readonly missing_editions: MissingEditions | null;
  /** Of this manifest without this field, as `renderBackupManifest` writes it. */
  readonly sha256: string;
}

/** How far a backup was verified: what its files hold, every row, or a whole restore into a scratch database. */
export const BACKUP_DEPTHS = ["files", "rows", "restore"] as const;
/** One of the depths, from shallow to deep. */
export type BackupDepth = (typeof BACKUP_DEPTHS)[number];

/** That a backup was verified. Lies beside its manifest. */
export interface BackupMark {
  readonly format: typeof BACKUP_FORMAT;
  readonly id: string;
  /** Of the manifest that was verified: another manifest's backup is not verified by this. */
  readonly manifest_sha256: string;
  /** RFC 3339 UTC. */
  readonly verified_at: string;
  readonly depth: BackupDepth;
  readonly product_version: string;
}

/** That a backup is not what its manifest says. Lies where the mark did. */
export interface BackupFinding {
  readonly format: typeof BACKUP_FORMAT;
  readonly id: string;
  /** RFC 3339 UTC. */
  readonly found_at: string;
  /** What is not as it should be, for people. */
  readonly damage: string;
  readonly product_version: string;
}

/** Rows between two links of a table's chain of checks. */
export const BACKUP_CHECK_ROWS = 100_000;

/** The files of a backup, without its manifest. */
export function listBackupFiles(
  manifest: Pick<BackupManifest, "tables" | "editions">,
): readonly BackupFile[] {
  return [...manifest.tables, ...manifest.editions?.files ?? []];
}
