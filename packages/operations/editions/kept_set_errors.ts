import { EnrichmentError } from "@ipcascade/core";

/** Thrown when the licence does not allow a set any more (exit status 6). */
export class EditionExpiredError extends EnrichmentError {
  override readonly code = "EDITION_EXPIRED";
}

/** Thrown when a kept set that should serve does not verify (exit status 4). */
export class KeptSetRefusedError extends EnrichmentError {
  override readonly code = "EDITION_REFUSED";
}
