import type { JobName } from "@ipcascade/core";
import type { JobReports } from "@ipcascade/operations";
import { renderAlertReport } from "./alert_text.ts";
import { renderBackupPruning } from "./backup_prune_text.ts";
import { renderBackUp } from "./backup_text.ts";
import { renderCoverage, renderSnapshot } from "./coverage_text.ts";
import { renderPruning, renderRecovery, renderUpdate } from "./editions_text.ts";
import { renderHealth } from "./health_text.ts";
import { renderQuota } from "./quota_text.ts";
import { renderRefresh } from "./refresh_text.ts";

const PAGES: { readonly [Job in JobName]: (report: JobReports[Job]) => string } = {
  "check-health": (report) => renderHealth(report) + renderAlertReport(report.alerts),
  "check-quota": (report) => renderQuota(report) + renderAlertReport(report.alerts),
  "update-editions": renderUpdate,
  "prune": ({ editions, backups }) => renderPruning(editions) + renderBackupPruning(backups),
  "refresh-stale": renderRefresh,
  "backfill-asn": renderRefresh,
  "snapshot-coverage": renderSnapshot,
  "report-coverage": (report) => report.status === "no_data" ? `${report.message}\n` : renderCoverage(report),
  "recover-editions": renderRecovery,
  "back-up": renderBackUp,
};

/** The page of a job's report, as its own command writes it. */
export function renderJobReport<Job extends JobName>(job: Job, report: JobReports[Job]): string {
  return PAGES[job](report);
}
