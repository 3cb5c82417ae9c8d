import type { CoverageReport, MailEnd } from "@ipcascade/operations";
import { renderCoverage } from "@ipcascade/render";
import { type MailTools, sendLetter } from "./send_letter.ts";

/** Sends a report as HTML, text and a page to keep, and tells how that ended. */
export async function mailReport(report: CoverageReport, tools: MailTools): Promise<MailEnd> {
  const { month } = report.period;
  // Loading what draws takes longer than the rest of the report.
  const { renderReportHtml } = await import("@ipcascade/render/report_html");
  const html = renderReportHtml(report);
  const letter = {
    subject: `[ipcascade] Coverage of ${month}`,
    text: renderCoverage(report),
    html,
    page: { name: `coverage-${month}.html`, html },
  };
  return await sendLetter(letter, tools);
}
