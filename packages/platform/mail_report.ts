import { type Clock, MS_PER_SECOND, NotifierError } from "@ipcascade/core";
import {
  type CoverageReport,
  inLimitedTime,
  type MailEnd,
  reportError,
  TimeLimitError,
} from "@ipcascade/operations";
import { renderCoverage } from "@ipcascade/render";
import type { Mailer } from "./mailer.ts";

/** A page with charts is some hundred kilobytes. */
const MAIL_LIMIT_MS = 60 * MS_PER_SECOND;

/** What a report is mailed with. */
export interface MailTools {
  readonly mailer: Mailer;
  readonly clock: Clock;
  readonly stop: AbortSignal;
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
