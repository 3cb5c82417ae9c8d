import type { HealthCheck } from "@ipcascade/core";
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
