import type { BenchReport, ContestResult } from "./report.ts";

/** What became of a contest since another run. */
export interface Change {
  readonly scenario: string;
  readonly ours: string;
  readonly reference: string | null;
  /** The ratio before; null where it was not measured. */
  readonly before: number | null;
  readonly now: number | null;
  /** Of the ratio, as a share: -0.1 is a tenth less. Null where one is missing. */
  readonly change: number | null;
  readonly verdict: "worse" | "same" | "better" | "new" | "gone";
}

/** Less than this is nothing, however close the rounds lie together. */
const LEAST_CHANGE = 0.05;

/**
 * Sets this run against one before. A ratio is worse, or better, when no round of now comes near one of before (their
 * ranges don't meet) and the medians are a twentieth apart. Contests of scenarios that were not run are left out.
 */
export function compareReports(before: BenchReport, now: BenchReport): Change[] {
  return now.scenarios.flatMap((scenario) => {
    const old = before.scenarios.find(({ name }) => name === scenario.name)?.contests ?? [];
    const changes = scenario.contests.filter(({ reference }) => reference !== null).map((contest) =>
      compareContest(scenario.name, old.find((other) => isSame(other, contest)), contest)
    );
    const gone = old.filter((contest) =>
      contest.reference !== null && !scenario.contests.some((other) => isSame(other, contest))
    )
      .map((contest) => compareContest(scenario.name, contest, undefined));
    return [...changes, ...gone];
  });
}

/** What differs between two runs beside the code, so that their figures are hard to compare. */
export function listDifferences(before: BenchReport, now: BenchReport): string[] {
  const told: string[] = [];
  if (before.is_small || now.is_small) told.push("small inputs were measured: the figures mean nothing");
  for (const key of ["processor", "cores", "memory_mb", "kernel", "deno"] as const) {
    const [old, fresh] = [before.machine[key], now.machine[key]];
    // A virtual machine has a few megabytes more or less from start to start.
    if (key === "memory_mb" ? Math.abs(Number(old) - Number(fresh)) < 512 : old === fresh) continue;
    told.push(`${key} was ${old} and is ${fresh}`);
  }
  return told;
}

function compareContest(
  scenario: string,
  old: ContestResult | undefined,
  fresh: ContestResult | undefined,
): Change {
  const { ours, reference } = (fresh ?? old)!;
  const [before, now] = [old?.ratio ?? null, fresh?.ratio ?? null];
  const change = before === null || now === null ? null : now / before - 1;
  const verdict = change === null
    ? before === null ? now === null ? "same" : "new" : "gone"
    : isApart(fresh!, old!) && Math.abs(change) >= LEAST_CHANGE
    ? change < 0 ? "worse" : "better"
    : "same";
  return { scenario, ours, reference, before, now, change, verdict };
}

function isApart(a: ContestResult, b: ContestResult): boolean {
  return a.highest! < b.lowest! || b.highest! < a.lowest!;
}

function isSame(a: ContestResult, b: ContestResult): boolean {
  return a.ours === b.ours && a.reference === b.reference;
}
