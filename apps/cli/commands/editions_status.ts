import type { RecoveryReport, ReportedError, UpdateReport, VerifyReport } from "@ipcascade/operations";
import { EXIT } from "../exit_status.ts";

/** Codes by which a provider or a licence refused. */
const REFUSED: ReadonlySet<string> = new Set([
  "unauthorized",
  "forbidden",
  "rate_limited",
  "EDITION_EXPIRED",
]);

/** Codes by which what was delivered is not what it should be. */
const UNVERIFIED: ReadonlySet<string> = new Set(["archive", "checksum", "EDITION_REFUSED"]);

/** The exit status of an error in a report. */
export function statusOfReported({ code }: ReportedError): number {
  if (REFUSED.has(code)) return EXIT.refused;
  return UNVERIFIED.has(code) ? EXIT.verificationFailed : EXIT.failed;
}

/** The exit status of an update: an attempt that is held back after a failure counts as that failure. */
export function statusOfUpdate({ error }: UpdateReport): number {
  return error === null ? EXIT.done : statusOfReported(error);
}

/** The exit status of a verification; nothing to verify is a failure. */
export function statusOfVerification({ verdict }: VerifyReport): number {
  if (verdict === "ok") return EXIT.done;
  return verdict === "refused" ? EXIT.verificationFailed : EXIT.failed;
}

/** The exit status of a recovery. */
export function statusOfRecovery({ status, update }: RecoveryReport): number {
  if (status !== "failed") return EXIT.done;
  return update?.error ? statusOfReported(update.error) : EXIT.failed;
}
