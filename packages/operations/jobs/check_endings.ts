import type { AlertReport } from "../alerts/alert_report.ts";
import type { HealthReport } from "../health/check_health.ts";
import type { QuotaReport } from "../quota/check_quota.ts";
import { endWell, type JobEnding } from "./job_ending.ts";

/** How a check of health with alerts ended: it has succeeded when it could look, whatever it found. */
export function endOfHealthCheck(report: HealthReport, alerts: AlertReport): JobEnding {
  const message = [report.grade, ...report.failing].join(", ");
  return endWell({ failing: report.failing.length, ...countAlerts(alerts) }, message);
}

/** How a check of the quota with alerts ended. */
export function endOfQuotaCheck(report: QuotaReport, alerts: AlertReport): JobEnding {
  return endWell(countAlerts(alerts), report.message);
}

function countAlerts({ sent, reminded, recovered, failed }: AlertReport) {
  return { sent, reminded, recovered, failed };
}
