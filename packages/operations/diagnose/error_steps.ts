import type { ReportedError } from "../reported_error.ts";

/** What to do about a look that could not be made, by the error's code. */
export function listErrorSteps({ code }: ReportedError): readonly string[] {
  switch (code) {
    case "LOCK_HELD":
      return [
        "Try again when the other process has ended, or ask for that to happen",
        "Several processes at once need a server: DATABASE_URL=postgres://user:password@host/database",
      ];
    case "STORE_FAILED":
      return ["See what is wrong with the database: ipcascade diagnose latency"];
    case "STOPPED":
      return ["Start it again"];
    case "LATE":
      return [
        "See whether the database answers: ipcascade diagnose latency",
        "Otherwise try again with a longer --timeout",
      ];
    default:
      return ["Try again with a longer --timeout, and with --verbose"];
  }
}
