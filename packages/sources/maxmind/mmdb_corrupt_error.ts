import { EnrichmentError } from "@ipcascade/core";

/** Thrown when an open database turns out to be damaged: in its tree, or in the record that was asked for. */
export class MmdbCorruptError extends EnrichmentError {
  /** Stable identifier. */
  override readonly code = "MMDB_CORRUPT";
}
