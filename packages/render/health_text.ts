import { type Grade, HEALTH_GROUPS, type HealthCheck } from "@ipcascade/core";
import { type HealthReport, listChecks } from "@ipcascade/operations";
import { cleanCell } from "./clean_cell.ts";
import { GROUP_TITLES, joinEqual, listFailingChecks, listGoodRows, shortenMessage } from "./health_rows.ts";

/** How the page is written. */
export interface HealthTextOptions {
  /** Whether a terminal shows it that knows colours. */
  readonly colour: boolean;
  /** The machine that was looked at, where that is not known from where the page is read. */
  readonly host?: string;
}

const COLOURS: Readonly<Record<Grade, string>> = {
  ok: "32",
  info: "36",
  warning: "33",
  critical: "1;31",
  unknown: "35",
};

const GRADE_WIDTH = 10;

/** Characters of a message at most; `--format json` has more. */
const MAX_MESSAGE = 200;

/**
 * The morning page: first what is wrong, the worst first, each with what mends it, then the rest by group. Checks that
 * say the same share a line.
 */
export function renderHealth(report: HealthReport, options: HealthTextOptions = { colour: false }): string {
  const checks = listChecks(report);
  const paint = (grade: Grade, text: string) =>
    options.colour ? `\x1b[${COLOURS[grade]}m${text}\x1b[0m` : text;
  const failing = listFailingChecks(report);
  const at = `${report.checked_at.slice(0, 16).replace("T", " ")} UTC`;
  const lines = [`ipcascade health: ${paint(report.grade, report.grade)}, ${at}, ${report.duration_ms} ms`];
  if (options.host !== undefined) lines.push(`  Host      ${cleanCell(options.host)}`);
  for (const shared of joinEqual(failing)) lines.push(...writeFailing(shared, paint));
  const good = checks.filter(({ name }) => !report.failing.includes(name));
  for (const group of HEALTH_GROUPS) {
    const own = good.filter((check) => check.group === group);
    if (own.length > 0) {
      lines.push("", GROUP_TITLES[group]);
      for (const { grade, text } of listGoodRows(group, own)) lines.push(`${mark(grade, paint)}${text}`);
    }
  }
  return lines.map((line) => `${line}\n`).join("");
}

type Paint = (grade: Grade, text: string) => string;

function writeFailing(shared: readonly HealthCheck[], paint: Paint): string[] {
  const { grade, message, fix } = shared[0]!;
  const names = shared.map(({ name }) => name).join(", ");
  const lines = ["", `${mark(grade, paint)}${names}: ${shortenMessage(message, MAX_MESSAGE)}`];
  if (fix !== null) lines.push(`${" ".repeat(GRADE_WIDTH + 2)}-> ${cleanCell(fix)}`);
  return lines;
}

function mark(grade: Grade, paint: Paint): string {
  return `  ${paint(grade, grade)}${" ".repeat(GRADE_WIDTH - grade.length)}`;
}
