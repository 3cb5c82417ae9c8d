import type { JobError } from "@ipcascade/core";
import type { CoverageReport, NoCoverageReport } from "../coverage/coverage_report.ts";
import type { CoverageSnapshotReport } from "../coverage/snapshot_coverage.ts";
import { endWell, type JobEnding } from "./job_ending.ts";

/** How mailing a report ended. */
export interface MailEnd {
  /** `partly_failed`: the mail server took it for some recipients and refused others. */
  readonly status: "sent" | "partly_failed" | "failed";
  /** Null when everybody gets it. */
  readonly error: JobError | null;
}

/** How mailing ended, in a word or two. */
export const MAIL_TEXTS: Readonly<Record<MailEnd["status"], string>> = {
  sent: "mailed",
  partly_failed: "mailed, but not to all",
  failed: "not mailed",
};

/** How a report on coverage ended; it counts addresses. `mail` is null where it was not to be mailed. */
export function endOfCoverage(report: CoverageReport | NoCoverageReport, mail: MailEnd | null): JobEnding {
  if (report.status === "no_data") {
    const error = { code: "NO_SNAPSHOT", message: report.message };
    return { outcome: "failed", counts: {}, error, message: null };
  }
  const counts = { addresses: report.denominator.addresses, with_asn: report.asn.addresses };
  const mailed = mail === null ? "" : `; ${MAIL_TEXTS[mail.status]}`;
  const error = mail?.error ?? null;
  return {
    outcome: error === null ? "succeeded" : "partly_failed",
    counts,
    error,
    message: `${report.period.month}: ${report.message}${mailed}`,
  };
}

/** How a snapshot ended; it counts addresses. */
export function endOfSnapshot({ addresses }: Pick<CoverageSnapshotReport, "addresses">): JobEnding {
  return endWell({ addresses });
}
