import { type Clock, type JobError, MS_PER_SECOND, NotifierError, UsageError } from "@ipcascade/core";
import { type CoverageReport, inLimitedTime, reportError, TimeLimitError } from "@ipcascade/operations";
import { createSettingsMailer, type Mailer } from "@ipcascade/platform";
import { renderCoverage } from "@ipcascade/render";
import type { CliContext } from "../context.ts";

/** A page with charts is some hundred kilobytes. */
const MAIL_LIMIT_MS = 60 * MS_PER_SECOND;

/** How mailing a report ended. */
export interface MailEnd {
  /** `partly_failed`: the mail server took it for some recipients and refused others. */
  readonly status: "sent" | "partly_failed" | "failed";
  /** Null when everybody gets it. */
  readonly error: JobError | null;
}

/** What a report is mailed with. */
export interface MailTools {
  readonly mailer: Mailer;
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

/** The mailer. Throws `UsageError` when mail is not configured. */
export function requireMail({ settings, log }: Pick<CliContext, "settings" | "log">): Mailer {
  const mailer = createSettingsMailer(settings, log);
  if (mailer !== null) return mailer;
  throw new UsageError("Cannot use --mail: set SMTP_URL and ALERT_EMAIL_TO");
}

/** Sends a report as HTML, text and a page to keep, and tells how that ended. */
export async function mailReport(
  report: CoverageReport,
  { mailer, clock, stop }: MailTools,
): Promise<MailEnd> {
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
    const send = (signal: AbortSignal) => mailer.send(letter, AbortSignal.any([signal, stop]));
    return describeRefused(await inLimitedTime(send, { clock, limitMs: MAIL_LIMIT_MS }));
  } catch (error) {
    if (error instanceof NotifierError) return { status: "failed", error: reportError(error) };
    if (!(error instanceof TimeLimitError)) throw error;
    return { status: "failed", error: { code: "MAIL_LATE", message: `Cannot send mail: ${error.message}` } };
  }
}

/** Recipients that the server refused while it took others. */
function describeRefused(refused: readonly string[]): MailEnd {
  if (refused.length === 0) return { status: "sent", error: null };
  const message = `The mail server refuses ${refused.join(", ")}; the other recipients get the report`;
  return { status: "partly_failed", error: { code: "RECIPIENTS_REFUSED", message } };
}
