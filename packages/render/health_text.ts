import { type Grade, GRADES, HEALTH_GROUPS, type HealthCheck, type HealthGroup } from "@ipcascade/core";
import { type HealthReport, listChecks } from "@ipcascade/operations";
import { cleanCell } from "./clean_cell.ts";

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

/**
 * The morning page: first what is wrong, the worst first, each with what mends it, then the rest by group. Checks that
 * say the same share a line.
 */
export function renderHealth(report: HealthReport, options: HealthTextOptions = { colour: false }): string {
  const checks = listChecks(report);
  const paint = (grade: Grade, text: string) =>
    options.colour ? `\x1b[${COLOURS[grade]}m${text}\x1b[0m` : text;
  const failing = checks.filter(({ name }) => report.failing.includes(name));
  const at = `${report.checked_at.slice(0, 16).replace("T", " ")} UTC`;
  const lines = [`ipcascade health: ${paint(report.grade, report.grade)}, ${at}, ${report.duration_ms} ms`];
  for (const shared of joinEqual([...failing].sort(byGrade))) lines.push(...writeFailing(shared, paint));
  const good = checks.filter((check) => !failing.includes(check));
  for (const group of HEALTH_GROUPS) {
    const own = good.filter((check) => check.group === group);
    if (own.length > 0) lines.push("", TITLES[group], ...writeGroup(group, own, paint));
  }
  return lines.map((line) => `${line}\n`).join("");
}

type Paint = (grade: Grade, text: string) => string;

function byGrade(a: HealthCheck, b: HealthCheck): number {
  return GRADES.indexOf(b.grade) - GRADES.indexOf(a.grade);
}

function writeFailing(shared: readonly HealthCheck[], paint: Paint): string[] {
  const { grade, message, fix } = shared[0]!;
  const names = shared.map(({ name }) => name).join(", ");
  const lines = ["", `${mark(grade, paint)}${cleanCell(`${names}: ${message}`)}`];
  if (fix !== null) lines.push(`${" ".repeat(GRADE_WIDTH + 2)}-> ${cleanCell(fix)}`);
  return lines;
}

/** Jobs that simply run, sources that simply answer and counts of nothing are a line in all. */
function writeGroup(group: HealthGroup, checks: readonly HealthCheck[], paint: Paint): string[] {
  const shorts = checks.filter(({ grade, observed }) =>
    grade === "ok" &&
    (observed === 0 || (typeof observed === "string" && (group === "jobs" || group === "sources")))
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
  const [{ group, message }] = shared as [HealthCheck];
  if (shared.length > 1) return `${shared.map(shortName).join(", ")}: ${message}`;
  if (group === "jobs" || group === "sources" || group === "providers") {
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

/** Checks in a row of lists: those with the same grade, sentence and fix together. */
function joinEqual(checks: readonly HealthCheck[]): readonly (readonly HealthCheck[])[] {
  const lists = new Map<string, HealthCheck[]>();
  for (const check of checks) {
    const key = JSON.stringify([check.grade, check.message, check.fix]);
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [check]);
    else list.push(check);
  }
  return [...lists.values()];
}
