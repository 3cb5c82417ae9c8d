import type { EditionSet } from "./edition.ts";
import { EnrichmentError } from "./errors.ts";
import type { EditionState } from "./edition_state.ts";

/** Thrown when the place where editions are kept can't be read or written, such as on a full disk. */
export class EditionStoreError extends EnrichmentError {
  override readonly code = "EDITION_STORE_FAILED";
}

/** Takes one file of a set that is being staged. */
export interface EditionFileWriter {
  write(chunk: Uint8Array): Promise<void>;
  /** Makes sure that everything is written. */
  close(): Promise<void>;
}

/** A set that is being put together: nobody serves it, and nothing of it is left when it is disposed uncommitted. */
export interface EditionStaging extends AsyncDisposable {
  readonly id: string;
  /** Starts a file of the set, or starts it anew. */
  openFile(file: string): Promise<EditionFileWriter>;
  /** A file that was closed. */
  readFile(file: string): Promise<Uint8Array>;
  /** Makes the set durable and complete; it is kept from now on, but does not serve yet. */
  commit(set: EditionSet): Promise<void>;
}

/** A database that lies where editions are kept without being part of a set, as geoipupdate leaves them. */
export interface PlainEdition {
  /** Name of the file. */
  readonly file: string;
  /** Another text whenever the file was replaced or written to. */
  readonly version: string;
  /** Reads the file. */
  read(): Promise<Uint8Array>;
}

/** The updater's lock; dispose it to give it back. */
export interface EditionLock extends AsyncDisposable {
  /** Aborts when the lock was lost to somebody else. */
  readonly lost: AbortSignal;
}

/** Where sets of editions are kept. Every method throws `EditionStoreError` (or `StoreError`) when the place fails. */
export interface EditionStore {
  /** The place for people: a directory, or `the database`. */
  readonly place: string;
  /** Takes the lock of all that changes sets or state. Throws `LockHeldError` naming the owner. */
  lock(action: string): Promise<EditionLock>;
  /** The state of updating; `EMPTY_EDITION_STATE` when there is none. Never throws for a damaged one: that is none. */
  readState(): Promise<EditionState>;
  /** Replaces the state in one atomic step. */
  writeState(state: EditionState): Promise<void>;
  /** Complete sets, newest first, the one that serves among them. Sets with a damaged manifest are left out. */
  listSets(): Promise<readonly EditionSet[]>;
  /** Id of the set that serves; null when none does. Cheap enough to be asked every few seconds. */
  readCurrentId(): Promise<string | null>;
  /** One database of a set. */
  readEdition(setId: string, file: string): Promise<Uint8Array>;
  /** Begins a set. Needs the lock. */
  stage(setId: string): Promise<EditionStaging>;
  /** Makes a complete set serve, in one atomic step. Needs the lock. */
  switchTo(setId: string): Promise<void>;
  /** Destroys a set that does not serve. Needs the lock. */
  removeSet(setId: string): Promise<void>;
  /** Removes what killed updaters left behind, and gives the number of leftovers. Needs the lock. */
  sweep(): Promise<number>;
  /** Databases outside any set. */
  listPlain(): Promise<readonly PlainEdition[]>;
}
