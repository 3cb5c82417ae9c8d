import { type Grade, HEALTH_GROUPS, type HealthCheck, type HealthGroup } from "@ipcascade/core";
import { type HealthReport, listChecks } from "@ipcascade/operations";
import { cleanCell } from "./clean_cell.ts";
import { joinEqual, listFailingChecks, shortenMessage } from "./health_rows.ts";

/** How the page is written. */
export interface HealthTextOptions {
  /** Whether a terminal shows it that knows colours. */
  readonly colour: boolean;
}

const COLOURS: Readonly<Record<Grade, string>> = {
  ok: "32",
  info: "36",
  warning: "33",
  critical: "1;31",
  unknown: "35",
};

const TITLES: Readonly<Record<HealthGroup, string>> = {
  editions: "Editions",
  sources: "Sources",
  inventory: "Inventory",
  jobs: "Jobs",
  system: "System",
  providers: "Providers",
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
  for (const shared of joinEqual(failing)) lines.push(...writeFailing(shared, paint));
  const good = checks.filter(({ name }) => !report.failing.includes(name));
  for (const group of HEALTH_GROUPS) {
    const own = good.filter((check) => check.group === group);
    if (own.length > 0) lines.push("", TITLES[group], ...writeGroup(group, own, paint));
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

/** An age or a time of 0 counts nothing. */
const TIME_UNITS: readonly (string | null)[] = ["ms", "s", "h", "d"];

/** Jobs that simply run, sources that simply answer and counts of nothing are a line in all. */
function writeGroup(group: HealthGroup, checks: readonly HealthCheck[], paint: Paint): string[] {
  const shorts = checks.filter(({ grade, observed, unit }) =>
    grade === "ok" &&
    ((observed === 0 && !TIME_UNITS.includes(unit)) ||
      (typeof observed === "string" && (group === "jobs" || group === "sources")))
  );
  const rest = checks.filter((check) => !shorts.includes(check));
  const lines = joinEqual(rest).map((shared) => {
    const { grade, fix } = shared[0]!;
    const hint = fix === null ? "" : ` -> ${fix}`;
    return `${mark(grade, paint)}${cleanCell(`${describe(shared)}${hint}`)}`;
  });
  if (shorts.length > 0) lines.push(`${mark("ok", paint)}${cleanCell(shorts.map(describeShort).join(", "))}`);
  return lines;
}

/** One sentence, with names where it does not say itself what it is about. */
function describe(shared: readonly HealthCheck[]): string {
  const [{ group, ...first }] = shared as [HealthCheck];
  const message = shortenMessage(first.message, MAX_MESSAGE);
  if (shared.length > 1) return `${shared.map(shortName).join(", ")}: ${message}`;
  if (group !== "editions" && group !== "inventory") {
    return `${shortName(shared[0]!)}: ${message}`;
  }
  return message;
}

function describeShort(check: HealthCheck): string {
  return check.observed === 0 ? `${shortName(check)} 0` : shortName(check);
}

function shortName({ name }: HealthCheck): string {
  return name.replace(/^(job|circuit|probe)_/, "").replaceAll("_", "-");
}

function mark(grade: Grade, paint: Paint): string {
  return `  ${paint(grade, grade)}${" ".repeat(GRADE_WIDTH - grade.length)}`;
}
