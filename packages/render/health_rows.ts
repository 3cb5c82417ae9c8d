import type { Grade, HealthCheck, HealthGroup } from "@ipcascade/core";
import { type HealthReport, listChecks } from "@ipcascade/operations";
import { cleanCell } from "./clean_cell.ts";

/** The checks that somebody has to look at, in the report's order: the worst first, and causes before effects. */
export function listFailingChecks(report: HealthReport): readonly HealthCheck[] {
  const checks = new Map(listChecks(report).map((check) => [check.name, check]));
  return report.failing.flatMap((name) => checks.get(name) ?? []);
}

/** Checks in a row of lists: those with the same grade, sentence and fix together. */
export function joinEqual(checks: readonly HealthCheck[]): readonly (readonly HealthCheck[])[] {
  const lists = new Map<string, HealthCheck[]>();
  for (const check of checks) {
    const key = JSON.stringify([check.grade, check.message, check.fix]);
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [check]);
    else list.push(check);
  }
  return [...lists.values()];
}

const INSTANT = /(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z/g;

/** A message for people: at most so many characters, the instants to the minute, nothing that steers a terminal. */
export function shortenMessage(message: string, max: number): string {
  const text = cleanCell(message.replace(INSTANT, "$1 $2 UTC"));
  return text.length <= max ? text : `${text.slice(0, max - 1).trimEnd().replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** What groups of checks are called. */
export const GROUP_TITLES: Readonly<Record<HealthGroup, string>> = {
  editions: "Editions",
  sources: "Sources",
  inventory: "Inventory",
  jobs: "Jobs",
  system: "System",
  providers: "Providers",
};

/** Characters of a message at most; `--format json` has more. */
const MAX_MESSAGE = 200;

/** An age or a time of 0 counts nothing. */
const TIME_UNITS: readonly (string | null)[] = ["ms", "s", "h", "d"];

/** When a scheduler was last seen, and who is told of faults, is worth a line of its own. */
const NEVER_SHORT: ReadonlySet<string> = new Set(["scheduler", "alerts"]);

/** One line about checks that need nobody. */
export interface GoodRow {
  readonly grade: Grade;
  /** For people, cleaned. */
  readonly text: string;
}

/** The lines of a group. Jobs that simply run, sources that simply answer and counts of nothing are one in all. */
export function listGoodRows(group: HealthGroup, checks: readonly HealthCheck[]): readonly GoodRow[] {
  const shorts = checks.filter(({ name, grade, observed, unit }) =>
    grade === "ok" && !NEVER_SHORT.has(name) &&
    ((observed === 0 && !TIME_UNITS.includes(unit)) ||
      (typeof observed === "string" && (group === "jobs" || group === "sources")))
  );
  const rest = checks.filter((check) => !shorts.includes(check));
  const rows = joinEqual(rest).map((shared): GoodRow => {
    const { grade, fix } = shared[0]!;
    return { grade, text: cleanCell(`${describe(shared)}${fix === null ? "" : ` -> ${fix}`}`) };
  });
  if (shorts.length === 0) return rows;
  return [...rows, { grade: "ok", text: cleanCell(shorts.map(describeShort).join(", ")) }];
}

/** One sentence, with names where it does not say itself what it is about. */
function describe(shared: readonly HealthCheck[]): string {
  const [{ group, ...first }] = shared as [HealthCheck];
  const message = shortenMessage(first.message, MAX_MESSAGE);
  if (shared.length > 1) return `${shared.map(shortName).join(", ")}: ${message}`;
  if (group !== "editions" && group !== "inventory") return `${shortName(shared[0]!)}: ${message}`;
  return message;
}

function describeShort(check: HealthCheck): string {
  return check.observed === 0 ? `${shortName(check)} 0` : shortName(check);
}

function shortName({ name }: HealthCheck): string {
  return name.replace(/^(job|circuit|probe)_/, "").replaceAll("_", "-");
}
