import type { BackupColumn, BackupOrigin, BackupTable, SchemaStamp } from "./backup.ts";

/** A table that is backed up, as it stands in a database. */
export type TableShape = Pick<BackupTable, "table" | "columns" | "key" | "sequence">;

/** The rows of a table: which columns, and in which order. Texts are in the order of their code points. */
export interface TableRows {
  readonly table: string;
  readonly columns: readonly BackupColumn[];
  readonly key: readonly string[];
}

/** All tables at one instant. */
export interface SnapshotTables {
  readonly schema: SchemaStamp;
  readonly origin: BackupOrigin;
  /** Tables that others refer to stand before those. */
  readonly tables: readonly TableShape[];
  /** About how many rows a table has, for progress; -1 when nobody knows. */
  estimateRows(table: string): Promise<number>;
  /** How many rows a table has, which takes a look at all of them. */
  countRows(table: string): Promise<number>;
  /** Rows in the order of the key as COPY's text format writes them: whole rows in pieces of about 256 KiB. */
  read(rows: TableRows): AsyncIterable<Uint8Array>;
}

/** What a restore changes of the rows of one table. */
export interface TableDifference {
  readonly table: string;
  /** Rows of the backup whose key the database does not have. */
  readonly added: number;
  /** Rows that both have, with other values. */
  readonly changed: number;
  /** Rows of the database whose key the backup does not have. */
  readonly lost: number;
  readonly same: number;
}

/** Something that a restore keeps from the database it replaces, or puts right in what it brings back. */
export interface RestoreCarry {
  /** What it is about, such as `quota_ledger`. */
  readonly table: string;
  readonly rows: number;
  readonly message: string;
}

/** Tables that take rows, in a transaction. */
export interface LoadTables extends SnapshotTables {
  /** Appends rows in COPY's text format; pieces may end anywhere. A row that the table refuses fails the transaction. */
  load(table: BackupTable, chunks: AsyncIterable<Uint8Array>): Promise<void>;
}

/** What is to be replaced, locked against everybody. */
export interface ReplacedTables {
  /** The rows that are going to be replaced. */
  readonly old: SnapshotTables;
  /** Removes every row, and lets rows of the backup's schema in. */
  clear(): Promise<LoadTables>;
  /** Brings rows of an older schema to the present one, sets the generators of numbers and gives the triggers back. */
  finish(tables: readonly BackupTable[]): Promise<void>;
  /**
   * What must not be set back by a restore: units of a quota that were spent, changes of quotas, and runs of jobs. Runs
   * that nobody ends any more are ended. Comes last.
   */
  settle(): Promise<readonly RestoreCarry[]>;
}

/** Backup rows beside the database, which they never change. */
export interface RehearsedTables extends LoadTables {
  /** Brings rows of an older schema to the present one and counts what a restore would change, what it keeps aside. */
  differences(tables: readonly BackupTable[]): Promise<readonly TableDifference[]>;
}

/** Somebody who keeps a restore from its locks. */
export interface LockHolder {
  /** The server's process number. */
  readonly pid: number;
  /** For people: application, user and address. */
  readonly who: string;
  readonly table: string;
  /** How long its transaction has been open, in milliseconds. */
  readonly openMs: number;
}

/** How a restore gets its locks. */
export interface ReplaceOptions {
  /** The schema's version of the rows that will be loaded; at most the program's own. */
  readonly schemaVersion: number;
  /** How long others are waited for, in milliseconds; then `LockHeldError` names them. */
  readonly waitMs: number;
  /** Told whom it waits for, every second or so. */
  readonly onWait?: (holders: readonly LockHolder[]) => void;
  readonly signal?: AbortSignal;
}

/**
 * The database as backups see it. Each method is one transaction that is not tried again; none holds more in memory
 * than a few pieces. Throws `StoreError`, and `BackupRefusedError` before any work where somebody else's table keeps rows
 * from being replaced.
 */
export interface BackupDatabase {
  /** Reads all tables as they are at one instant, whoever writes meanwhile. */
  snapshot<T>(
    work: (tables: SnapshotTables) => Promise<T>,
    options?: Pick<ReplaceOptions, "signal">,
  ): Promise<T>;
  /** Replaces all rows when `work` resolves, and nothing at all when it rejects. */
  replace<T>(work: (tables: ReplacedTables) => Promise<T>, options: ReplaceOptions): Promise<T>;
  /** Loads rows beside the database to look at them, and undoes everything. */
  rehearse<T>(
    work: (tables: RehearsedTables) => Promise<T>,
    options: Pick<ReplaceOptions, "schemaVersion" | "signal">,
  ): Promise<T>;
}
