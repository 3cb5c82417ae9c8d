import type { EditionStore } from "@ipcascade/core";

/** An empty place for editions, as the contract sees it. */
export interface EditionPlace {
  /** Another store on the place, as another process has it. */
  open(): EditionStore;
  /** What a refused contender is told of the holder. */
  readonly owner: string;
  /** Breaks what was written, as a bad disk does. */
  damageManifest(setId: string): Promise<void>;
  damageState(): Promise<void>;
  /** Leaves what a killed updater leaves of a set with one file. */
  abandonStaging(setId: string): Promise<void>;
  /** What lies there besides complete sets; empty when nothing does. */
  listLeftovers(): Promise<readonly string[]>;
}
