import { formatMinute, type Grade, HEALTH_GROUPS, type HealthCheck } from "@ipcascade/core";
import { type HealthReport, listChecks } from "@ipcascade/operations";
import { GROUP_TITLES, listFailingChecks, listGoodRows, shortenMessage } from "./health_rows.ts";
import { escapeHtml } from "./report_html/escape_html.ts";

/** Characters of a message at most, as in the text. */
const MAX_MESSAGE = 200;

/** Mail programs drop style sheets, so that each cell has its own; each has contrast enough on white. */
const COLOURS: Readonly<Record<Grade, string>> = {
  ok: "#2c7a3f",
  info: "#1d5fa8",
  warning: "#b4540a",
  critical: "#b3261e",
  unknown: "#6b3fa0",
};
const CELL = "padding:4px 10px;border-bottom:1px solid #d3dae3;text-align:left;vertical-align:top";

/** How the page is written. */
export interface HealthHtmlOptions {
  /** The machine that was looked at; absent where the reader knows. */
  readonly host?: string;
}

/**
 * The report on health as a page for mail programs: what is wrong first, the worst first, then what is worth knowing,
 * then what is well, by group and as short as in the text.
 * Without scripts, style sheets, or anything from elsewhere.
 */
export function renderHealthHtml(report: HealthReport, { host }: HealthHtmlOptions = {}): string {
  const failing = listFailingChecks(report);
  const good = listChecks(report).filter(({ name }) => !report.failing.includes(name));
  const known = good.filter(({ grade }) => grade !== "ok");
  const well = good.filter(({ grade }) => grade === "ok");
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Health: ${escapeHtml(report.grade)}</title></head>
<body style="font:15px/1.5 system-ui,sans-serif;color:#1b2430;background:#ffffff">
<h1 style="font-size:22px">Health: ${mark(report.grade)}</h1>
<p>${host === undefined ? "" : `Host ${escapeHtml(host)}; `}${
    escapeHtml(formatMinute(report.checked_at))
  }; ${failing.length} of ${failing.length + good.length} checks need a look.</p>
${renderTable("What is wrong", failing)}${renderTable("Worth knowing", known)}${renderWell(well)}</body>
</html>
`;
}

function renderWell(checks: readonly HealthCheck[]): string {
  const groups = HEALTH_GROUPS.flatMap((group) => {
    const rows = listGoodRows(group, checks.filter((check) => check.group === group));
    const text = rows.map((row) => row.text).join("; ");
    return text === "" ? [] : [`<li><b>${GROUP_TITLES[group]}</b>: ${escapeHtml(text)}</li>`];
  });
  if (groups.length === 0) return "";
  return `<h2 style="font-size:17px">What is well</h2>\n<ul>\n${groups.join("\n")}\n</ul>\n`;
}

function renderTable(title: string, checks: readonly HealthCheck[]): string {
  if (checks.length === 0) return "";
  const heads = ["Grade", "Check", "Finding", "What mends it"]
    .map((head) => `<th scope="col" style="${CELL}">${head}</th>`).join("");
  return `<h2 style="font-size:17px">${title}</h2>
<table style="border-collapse:collapse"><thead><tr>${heads}</tr></thead><tbody>
${checks.map(renderRow).join("\n")}
</tbody></table>
`;
}

function renderRow({ name, grade, message, fix }: HealthCheck): string {
  const cells = [
    mark(grade),
    escapeHtml(name),
    escapeHtml(shortenMessage(message, MAX_MESSAGE)),
    fix === null ? "" : `<code>${escapeHtml(fix)}</code>`,
  ];
  return `<tr>${cells.map((cell) => `<td style="${CELL}">${cell}</td>`).join("")}</tr>`;
}

function mark(grade: Grade): string {
  return `<b style="color:${COLOURS[grade]}">${grade}</b>`;
}
