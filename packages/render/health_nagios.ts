import type { Grade, HealthCheck, HealthLimit } from "@ipcascade/core";
import { type HealthReport, listChecks } from "@ipcascade/operations";
import { cleanCell } from "./clean_cell.ts";
import { joinEqual, listFailingChecks, shortenMessage } from "./health_rows.ts";

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

/** Characters of the first line before its performance data, at most: pagers and displays cut what is longer. */
const MAX_TEXT = 500;
/** What is left for the state, and for saying how many more there are. */
const MAX_PARTS = MAX_TEXT - 50;
/** Characters of a message on the first line, and on one of its own. */
const MAX_MESSAGE = { first: 120, own: 400 } as const;
/** Names of checks that say the same; the others are counted. */
const MAX_NAMES = 3;

/**
 * The report for Nagios and its kin (Monitoring Plugins Development Guidelines): one line with the worst of what fails
 * and performance data, then a line for each failing check with what mends it.
 */
export function renderHealthNagios(report: HealthReport): string {
  const checks = listChecks(report);
  const failing = listFailingChecks(report);
  const text = failing.length === 0 ? `all ${checks.length} checks are good` : summarise(failing);
  const data = checks.map(formatPerformance).filter((one) => one !== null).join(" ");
  const lines = [`IPCASCADE ${STATES[report.grade]} - ${plain(text)}${data === "" ? "" : ` | ${data}`}`];
  for (const { name, grade, message, fix } of failing) {
    const said = shortenMessage(message, MAX_MESSAGE.own);
    lines.push(plain(`${STATES[grade]} ${name}: ${said}${fix === null ? "" : ` [${fix}]`}`));
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** The worst of them, as far as there is room; what says the same is told once. */
function summarise(failing: readonly HealthCheck[]): string {
  let text = "";
  let told = 0;
  for (const shared of joinEqual(failing)) {
    const message = shortenMessage(shared[0]!.message, MAX_MESSAGE.first);
    const part = `${text === "" ? "" : "; "}${listNames(shared)}: ${message}`;
    if (text.length + part.length > MAX_PARTS) break;
    text += part;
    told += shared.length;
  }
  return told === failing.length ? text : `${text}; and ${failing.length - told} more`;
}

function listNames(shared: readonly HealthCheck[]): string {
  const names = shared.map(({ name }) => name);
  if (names.length <= MAX_NAMES) return names.join(", ");
  return `${names.slice(0, MAX_NAMES - 1).join(", ")} and ${names.length - MAX_NAMES + 1} more`;
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
