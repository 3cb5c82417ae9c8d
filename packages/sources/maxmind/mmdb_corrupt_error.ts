import { EnrichmentError } from "@ipcascade/core";

/** Thrown when an open database turns out to be damaged: in its tree, or in the record that was asked for. */
export class MmdbCorruptError extends EnrichmentError {
  /** Stable identifier. */
  override readonly code = "MMDB_CORRUPT";
  /** What is wrong, without the action and the place. */
  readonly state: string;
  /** Where in the data section, or close behind it; null when it is the tree that is damaged. */
  readonly dataOffset: number | null;

  /** Reports that `action` failed on a damaged tree, or on the data at `dataOffset`. */
  constructor(action: string, state: string, dataOffset: number | null = null) {
    super(`Cannot ${action}${dataOffset === null ? "" : ` near ${dataOffset}`}: ${state}`);
    this.state = state;
    this.dataOffset = dataOffset;
  }
}
