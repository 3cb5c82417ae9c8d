import { type EnrichSummary, SOURCE_NAMES, type SourceName, type SourceSummary } from "@ipcascade/core";
import { cleanCell } from "./clean_cell.ts";
import { SOURCE_TITLES } from "./source_titles.ts";

/** The summary of a run, some lines for standard error. */
export function renderSummary(summary: EnrichSummary): string {
  const { inputs, invalid, local, fresh, asked, heldBack, stored, elapsedMs } = summary;
  const parts = [`${count(inputs, "input")}`, `${asked} asked`, `${fresh} fresh`];
  if (heldBack > 0) parts.push(`${heldBack} held back`);
  if (local > 0) parts.push(`${local} not global`);
  if (invalid > 0) parts.push(`${invalid} invalid`);
  if (stored > 0) parts.push(`${stored} stored`);
  const rate = elapsedMs > 0 ? `, ${formatNumber(inputs / (elapsedMs / 1000))}/s` : "";
  const lines = [
    `${parts.join(", ")} in ${formatDuration(elapsedMs)}${rate}${summary.stopped ? ", stopped early" : ""}`,
  ];
  for (const name of SOURCE_NAMES) {
    lines.push(...renderSource(name, summary.sources[name]));
  }
  return `${lines.join("\n")}\n`;
}

/** How one source did, as far as it is known; `latency` only of a single run. */
export type SourceCounts = Omit<SourceSummary, "latency"> & Partial<Pick<SourceSummary, "latency">>;

/** The lines of a summary about one source. */
export function renderSource(name: SourceName, source: SourceCounts): string[] {
  const lines = [`  ${SOURCE_TITLES[name].padEnd(10)}  ${describeSource(source)}`];
  if (source.firstFailure !== null) {
    lines.push(`${" ".repeat(14)}first failure: ${cleanCell(source.firstFailure)}`);
  }
  return lines;
}

function describeSource(source: SourceCounts): string {
  const parts: string[] = [];
  if (source.hit > 0) parts.push(count(source.hit, "hit"));
  if (source.miss > 0) parts.push(`${source.miss} ${source.miss === 1 ? "miss" : "misses"}`);
  const skipped = describeReasons(source.skipped);
  if (skipped !== null) parts.push(`skipped ${skipped}`);
  const failed = describeReasons(source.failed);
  if (failed !== null) parts.push(`failed ${failed}`);
  if (parts.length === 0) return "not asked";
  const { meanMs = null, p95Ms = null } = source.latency ?? {};
  if (meanMs !== null && p95Ms !== null) {
    parts.push(`mean ${formatDuration(meanMs)}, p95 ${formatDuration(p95Ms)}`);
  }
  return parts.join("; ");
}

/** How many, and for which reasons, the most frequent first; null when there are none. */
export function describeReasons(reasons: Readonly<Record<string, number>>): string | null {
  const entries = Object.entries(reasons).sort(([, a], [, b]) => b - a);
  if (entries.length === 0) return null;
  const total = entries.reduce((sum, [, times]) => sum + times, 0);
  const list = entries.map(([reason, times]) =>
    entries.length === 1 ? reason.replaceAll("_", " ") : `${times} ${reason.replaceAll("_", " ")}`
  );
  return `${total} (${list.join(", ")})`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Writes a duration in the unit that suits it: µs, ms, s, min or h. */
export function formatDuration(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1_000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

/** Writes a number with three significant places at most, large ones in thousands and millions. */
export function formatNumber(value: number): string {
  if (value >= 1_000_000) return `${Number((value / 1_000_000).toPrecision(3))} M`;
  if (value >= 10_000) return `${Number((value / 1_000).toPrecision(3))} k`;
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}
