import type {
  BackupCodec,
  BackupDatabase,
  BackupPlace,
  Clock,
  CreateHasher,
  Log,
  Random,
  SchemaStamp,
} from "@ipcascade/core";
import type { EditionDeps, EditionPolicy } from "../editions/mod.ts";

/** What is read of backups, and how. */
export interface BackupReadDeps {
  readonly place: BackupPlace;
  readonly codec: BackupCodec;
  readonly createHasher: CreateHasher;
  /** Every version of the schema that this program knows, from 1. */
  readonly schemas: readonly SchemaStamp[];
  readonly clock: Clock;
  readonly log: Log;
  /** Of this program, as manifests and marks say it. */
  readonly productVersion: string;
}

/** What backing up and restoring need. */
export interface BackupDeps extends BackupReadDeps {
  readonly database: BackupDatabase;
  readonly editions: EditionDeps;
  readonly policy: EditionPolicy;
  readonly random: Random;
}

/** A database of its own, for trying a restore; dispose it to destroy it. */
export interface ScratchDatabase extends AsyncDisposable {
  readonly database: BackupDatabase;
}

/** Opens an empty database of the present schema. */
export type OpenScratch = () => Promise<ScratchDatabase>;

/** What is done at the moment. */
export interface BackupProgress {
  readonly step: "editions" | "save" | "back_up" | "verify" | "load" | "compare";
  /** The table, edition or file at hand. */
  readonly member: string;
  /** Rows of a table; bytes of an edition, and of whatever is verified. */
  readonly done: number;
  /** Null while nobody knows. */
  readonly total: number | null;
}

/** What all of it understands. */
export interface BackupWork {
  readonly onProgress?: (progress: BackupProgress) => void;
  /** Ends the work between two pieces; what was begun is undone. */
  readonly signal?: AbortSignal;
}
