import { MS_PER_SECOND } from "@ipcascade/core";
import {
  type CoverageDeps,
  type CoverageReport,
  endOfCoverage,
  endOfSnapshot,
  type MailEnd,
  reportCoverage,
  snapshotCoverage,
  STOPPED_ENDING,
} from "@ipcascade/operations";
import { workOnCoverage } from "../coverage_work.ts";
import { mailReport } from "../mail_report.ts";
import { createNodeClock } from "../node_clock.ts";
import { createSettingsMailer } from "../open_alerts.ts";
import type { JobContext, JobWork } from "./job_context.ts";

/** For the work in the database; a report on a million rows takes some of it. */
export const COVERAGE_LIMIT_MS: number = 600 * MS_PER_SECOND;

/** The job `report-coverage`: of the newest complete month, mailed where mail is configured. */
export const reportCoverageJob: JobWork<"report-coverage"> = async (context) => {
  const startedAt = (context.clock ?? createNodeClock()).now();
  const work = (deps: CoverageDeps) => reportCoverage(deps, { startedAt });
  const done = await workOnCoverage(work, { ...context, limitMs: COVERAGE_LIMIT_MS });
  if (done.isStopped) return { ...STOPPED_ENDING, report: null };
  const report = done.value;
  const mail = report.status === "no_data" ? null : await mailWhereConfigured(report, context);
  return { ...endOfCoverage(report, mail), report };
};

async function mailWhereConfigured(
  report: CoverageReport,
  { settings, log, clock = createNodeClock(), stop }: JobContext,
): Promise<MailEnd | null> {
  const mailer = createSettingsMailer(settings, log);
  return mailer === null ? null : await mailReport(report, { mailer, clock, stop });
}

/** The job `snapshot-coverage`. */
export const snapshotCoverageJob: JobWork<"snapshot-coverage"> = async (context) => {
  const done = await workOnCoverage(snapshotCoverage, { ...context, limitMs: COVERAGE_LIMIT_MS });
  if (done.isStopped) return { ...STOPPED_ENDING, report: null };
  return { ...endOfSnapshot(done.value), report: done.value };
};
