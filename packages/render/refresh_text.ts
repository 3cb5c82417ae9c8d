import { SOURCE_NAMES, type SourceName } from "@ipcascade/core";
import type { RefreshProgress, RefreshReport, SourceRefresh } from "@ipcascade/operations";
import { cleanCell } from "./clean_cell.ts";
import { SOURCE_TITLES } from "./source_titles.ts";
import { describeReasons, formatDuration } from "./summary_text.ts";
import { renderTextTable } from "./text_table.ts";

/** The short names that progress lines use. */
const NAMES: Readonly<Record<SourceName, string>> = {
  maxmind: "MaxMind",
  cymru: "Cymru",
  greynoise: "GreyNoise",
};

/** One line about a batch, such as `Cymru: 1000 refreshed (total: 3000)`. */
export function renderRefreshProgress({ source, refreshed, total }: RefreshProgress): string {
  return `${NAMES[source]}: ${refreshed} refreshed (total: ${total})\n`;
}

/** The report of a refresh for people. */
export function renderRefresh(report: RefreshReport): string {
  const rows: string[][] = [];
  const notes: string[] = [];
  for (const name of SOURCE_NAMES) {
    const source = report.sources[name];
    if (source === undefined) continue;
    const { attempted, refreshed, missed, failed, skipped, remaining } = source;
    const numbers = [attempted, refreshed, missed, failed, skipped, remaining].map(String);
    rows.push([SOURCE_TITLES[name], ...numbers, formatDuration(source.elapsed_ms)]);
    notes.push(...describeRest(name, source));
  }
  const titles = ["source", "attempted", "refreshed", "missed", "failed", "skipped", "remaining", "time"];
  const stopped = report.stopped ? "stopped early; the next run goes on from here\n" : "";
  return renderTextTable(titles, rows) + notes.map((note) => `${note}\n`).join("") + stopped;
}

function describeRest(name: SourceName, source: SourceRefresh): string[] {
  const title = SOURCE_TITLES[name];
  const notes: string[] = [];
  const skipped = describeReasons(source.skipped_for);
  if (source.skipped_for.no_edition !== undefined) {
    notes.push(`${title}: no edition is installed; ipcascade editions update installs one`);
  } else if (skipped !== null) {
    const until = source.until === null ? "" : `, until ${source.until}`;
    notes.push(`${title}: skipped ${skipped}${until}`);
  }
  const failed = describeReasons(source.failed_for);
  if (failed !== null) notes.push(`${title}: failed ${failed}; each row waits for its next attempt`);
  if (source.first_failure !== null) notes.push(`  first failure: ${cleanCell(source.first_failure)}`);
  return notes;
}
