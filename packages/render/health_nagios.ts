import { type Grade, GRADES, type HealthCheck, type HealthLimit } from "@ipcascade/core";
import { type HealthReport, listChecks } from "@ipcascade/operations";
import { cleanCell } from "./clean_cell.ts";

/** The words of monitoring plugins. */
const STATES: Readonly<Record<Grade, string>> = {
  ok: "OK",
  info: "OK",
  warning: "WARNING",
  critical: "CRITICAL",
  unknown: "UNKNOWN",
};

/** Units that monitoring plugins know. */
const UNITS: ReadonlySet<string> = new Set(["ms", "%", "B"]);

/**
 * The report for Nagios and its kin (Monitoring Plugins Development Guidelines): one line with performance data, then a
 * line for each failing check with what mends it.
 */
export function renderHealthNagios(report: HealthReport): string {
  const checks = listChecks(report);
  const failing = checks
    .filter(({ name }) => report.failing.includes(name))
    .sort((a, b) => GRADES.indexOf(b.grade) - GRADES.indexOf(a.grade));
  const text = failing.length === 0
    ? `all ${checks.length} checks are good`
    : failing.map(({ name, message }) => `${name}: ${message}`).join("; ");
  const data = checks.map(formatPerformance).filter((one) => one !== null).join(" ");
  const lines = [`IPCASCADE ${STATES[report.grade]} - ${plain(text)}${data === "" ? "" : ` | ${data}`}`];
  for (const { name, grade, message, fix } of failing) {
    lines.push(plain(`${STATES[grade]} ${name}: ${message}${fix === null ? "" : ` [${fix}]`}`));
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** A bar begins the performance data. */
function plain(text: string): string {
  return cleanCell(text).replaceAll("|", "¦");
}

/** `'label'=value;warn;crit;min;max`; null for what is no number. */
function formatPerformance({ name, observed, unit, warning, critical, max }: HealthCheck): string | null {
  if (typeof observed !== "number") return null;
  const known = unit !== null && UNITS.has(unit) ? unit : "";
  const fields = [`${observed}${known}`, formatRange(warning), formatRange(critical), "0", max ?? ""];
  return `'${name}'=${fields.join(";")}`;
}

/** `14` is bad above 14, `95:` below 95. */
function formatRange(limit: HealthLimit | null): string {
  if (limit === null) return "";
  return "above" in limit ? String(limit.above) : `${limit.below}:`;
}
