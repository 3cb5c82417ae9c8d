import { type EditionVerdict, EnrichmentError, type RejectedRelease } from "@ipcascade/core";

/** Thrown when a database fails its verification. */
export class EditionRefusedError extends EnrichmentError {
  override readonly code = "EDITION_REFUSED";
  readonly verdict: EditionVerdict;

  constructor(edition: string, verdict: EditionVerdict) {
    const [first, ...others] = verdict.findings.filter(({ severity }) => severity === "error");
    const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
    super(`Cannot use "${edition}": ${first?.message ?? "it was refused"}${more}`);
    this.verdict = verdict;
  }
}

/** Thrown when the only release to be had is one that is not installed any more. */
export class EditionRejectedError extends EnrichmentError {
  override readonly code = "EDITION_REFUSED";

  constructor({ edition_id, reason, message, at }: RejectedRelease) {
    const how = reason === "rolled_back" ? "was rolled back from" : "failed verification";
    super(
      `Cannot use "${edition_id}": its newest release ${how} at ${at} (${message}); ipcascade editions update --force tries it again`,
    );
  }
}
