import { MS_PER_SECOND, NotifierError, UsageError } from "@ipcascade/core";
import { type CoverageReport, inLimitedTime, TimeLimitError } from "@ipcascade/operations";
import { createNodeClock, createSettingsMailer, type Mailer } from "@ipcascade/platform";
import { renderCoverage } from "@ipcascade/render";
import type { CliContext } from "../context.ts";

/** A page with charts is some hundred kilobytes. */
const MAIL_LIMIT_MS = 60 * MS_PER_SECOND;

/** The mailer. Throws `UsageError` when mail is not configured. */
export function requireMail({ settings, log }: CliContext): Mailer {
  const mailer = createSettingsMailer(settings, log);
  if (mailer !== null) return mailer;
  throw new UsageError("Cannot use --mail: set SMTP_URL and ALERT_EMAIL_TO");
}

/** Sends a report as HTML, text and a page to keep; false when it could not be sent, which is complained of. */
export async function mailReport(report: CoverageReport, context: CliContext): Promise<boolean> {
  const mailer = requireMail(context);
  const clock = createNodeClock();
  const { month } = report.period;
  // Loading what draws takes longer than the rest of the report.
  const { renderReportHtml } = await import("@ipcascade/render/report_html");
  const html = renderReportHtml(report);
  const letter = {
    subject: `[ipcascade] Coverage of ${month}`,
    text: renderCoverage(report),
    html,
    page: { name: `coverage-${month}.html`, html },
    at: clock.now(),
  };
  try {
    await inLimitedTime((signal) => mailer.send(letter, signal), { clock, limitMs: MAIL_LIMIT_MS });
    context.tell(`The report on ${month} is mailed`);
    return true;
  } catch (error) {
    if (!(error instanceof NotifierError || error instanceof TimeLimitError)) throw error;
    context.complain(error.message);
    return false;
  }
}
