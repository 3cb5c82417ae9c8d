import type { Change } from "./comparison.ts";
import type { BenchReport, ContestResult, ScenarioResult } from "./report.ts";
import type { Unit } from "./scenario.ts";

/** Rows of cells under a heading; the columns in `right` are figures. */
interface Grid {
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly right: readonly number[];
}

const HEADING = ["scenario", "ours", "rate", "reference", "rate", "ratio", "rounds", "bar", ""] as const;
const FIGURES = [2, 4, 5, 6, 7] as const;

/** The figures of a run as text: one line for each contest, what was skipped, and what failed. */
export function renderTable(report: BenchReport): string {
  const lines = [describeRun(report), "", renderGrid(gridOf(report))];
  for (const { name, skipped, error } of report.scenarios) {
    for (const line of skipped) lines.push(`${name}: skipped: ${line}`);
    if (error !== null) lines.push(`${name}: failed: ${error}`);
  }
  if (report.is_small) lines.push("Small inputs: the figures show that it works, and nothing else.");
  return lines.join("\n");
}

/** The same as Markdown, with the conditions below: what goes into docs/performance.md. */
export function renderMarkdown(report: BenchReport): string {
  const { heading, rows, right } = gridOf(report);
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = heading.map((_, column) => right.includes(column) ? "--:" : "---");
  const lines = [`${describeRun(report)}.`, "", row(heading), row(rule), ...rows.map(row), ""];
  for (const { name, conditions, rounds, skipped, error } of report.scenarios) {
    const notes = [...conditions, `${rounds} ${rounds === 1 ? "round" : "rounds"}`];
    notes.push(...skipped.map((line) => `skipped: ${line}`), ...error === null ? [] : [`failed: ${error}`]);
    lines.push(`- \`${name}\`: ${notes.join("; ")}`);
  }
  return lines.join("\n");
}

/** What changed since another run, one line for each contest. */
export function renderChanges(changes: readonly Change[], differences: readonly string[]): string {
  const rows = changes.map(({ scenario, ours, reference, before, now, change, verdict }) => [
    scenario,
    `${ours} : ${reference ?? "–"}`,
    formatRatio(before),
    formatRatio(now),
    change === null ? "–" : `${change < 0 ? "" : "+"}${(change * 100).toFixed(1)} %`,
    verdict === "worse" ? "WORSE" : verdict,
  ]);
  const heading = ["scenario", "contest", "before", "now", "change", ""];
  return [...differences.map((line) => `note: ${line}`), renderGrid({ heading, rows, right: [2, 3, 4] })]
    .join("\n");
}

/** Where and on what a run was made, in one line. */
export function describeRun({ machine, commit, started_at }: BenchReport): string {
  const { deno, cores, processor, memory_mb, kernel } = machine;
  const source = commit === null
    ? ""
    : `, commit ${commit.id.slice(0, 12)}${commit.is_clean ? "" : " changed"}`;
  return `Deno ${deno}, ${cores} cores, ${processor}, ${memory_mb} MB, kernel ${kernel}${source}, ${
    started_at.slice(0, 10)
  }`;
}

/** A rate or a size, as people read it. */
export function formatFigure(value: number | null, unit: Unit): string {
  if (value === null) return "–";
  const digits = value < 100 ? 1 : 0;
  return `${value.toLocaleString("en-US", { maximumFractionDigits: digits })}${unit === "MB" ? " MB" : unit}`;
}

function gridOf(report: BenchReport): Grid {
  const rows = report.scenarios.flatMap((scenario) =>
    scenario.contests.map((contest) => rowOf(scenario, contest))
  );
  return { heading: HEADING, rows, right: FIGURES };
}

function rowOf({ name }: ScenarioResult, contest: ContestResult): string[] {
  const { unit, lowest, highest, bar, verdict } = contest;
  return [
    name,
    contest.ours,
    formatFigure(contest.ours_median, unit),
    contest.reference ?? "–",
    formatFigure(contest.reference_median, unit),
    formatRatio(contest.ratio),
    lowest === null ? "–" : `${formatRatio(lowest)}–${formatRatio(highest)}`,
    bar === null ? "–" : String(bar),
    verdict === "missed" ? "MISSED" : verdict,
  ];
}

function formatRatio(ratio: number | null): string {
  return ratio === null ? "–" : ratio.toFixed(ratio < 10 ? 2 : 1);
}

function renderGrid({ heading, rows, right }: Grid): string {
  const widths = heading.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]!.length))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) =>
      right.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
    ).join("  ").trimEnd();
  return [heading, ...rows].map(line).join("\n");
}
