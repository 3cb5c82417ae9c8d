import type { AlertReport } from "../alerts/alert_report.ts";
import type { HealthReport } from "../health/check_health.ts";
import type { QuotaReport } from "../quota/check_quota.ts";
import { MAIL_TEXTS, type MailEnd } from "./coverage_endings.ts";
import { endWell, type JobEnding } from "./job_ending.ts";

/**
 * How a check of health with alerts ended: it has succeeded when it could look, whatever it found, and whoever could be
 * told. `mail` is null where no report was to be mailed.
 */
export function endOfHealthCheck(
  report: HealthReport,
  alerts: AlertReport,
  mail: MailEnd | null = null,
): JobEnding {
  const found = [report.grade, ...report.failing].join(", ");
  const message = mail === null ? found : `${found}; report ${describeMail(mail)}`;
  return endWell({ failing: report.failing.length, ...countAlerts(alerts) }, message);
}

/** How a check of the quota with alerts ended. */
export function endOfQuotaCheck(report: QuotaReport, alerts: AlertReport): JobEnding {
  return endWell(countAlerts(alerts), report.message);
}

function describeMail({ status, error }: MailEnd): string {
  return error === null ? MAIL_TEXTS[status] : `${MAIL_TEXTS[status]}: ${error.message}`;
}

function countAlerts({ sent, reminded, recovered, failed }: AlertReport) {
  return { sent, reminded, recovered, failed };
}
