import {
  type EditionSet,
  type EditionState,
  type EditionStore,
  EditionStoreError,
  EMPTY_EDITION_STATE,
  LockHeldError,
} from "@ipcascade/core";

/** A set of editions in memory that serves, as far as backups read it. */
export class MemoryEditions {
  set: EditionSet | null = null;
  readonly files = new Map<string, Uint8Array>();
  state: EditionState = EMPTY_EDITION_STATE;
  isLocked = false;
  /** Called before a database is read. */
  onRead: () => void = () => {};

  /** The store that has it; nothing can be changed by it. */
  get store(): EditionStore {
    return {
      place: "memory",
      lock: () => this.#lock(),
      readState: () => Promise.resolve(this.state),
      writeState: refuse,
      listSets: () => Promise.resolve(this.set === null ? [] : [this.set]),
      readCurrentId: () => Promise.resolve(this.set?.id ?? null),
      readEdition: (_setId, file) => this.#read(file),
      stage: refuse,
      switchTo: refuse,
      removeSet: refuse,
      sweep: refuse,
      listPlain: () => Promise.resolve([]),
    };
  }

  #lock() {
    if (this.isLocked) return Promise.reject(new LockHeldError("Cannot back up: an update holds the lock"));
    this.isLocked = true;
    const lost = new AbortController().signal;
    return Promise.resolve({
      lost,
      [Symbol.asyncDispose]: () => {
        this.isLocked = false;
        return Promise.resolve();
      },
    });
  }

  #read(file: string): Promise<Uint8Array> {
    this.onRead();
    const bytes = this.files.get(file);
    if (bytes !== undefined) return Promise.resolve(bytes);
    return Promise.reject(new EditionStoreError(`Cannot read "${file}": it is gone`));
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new Error("Cannot change editions in memory"));
}
