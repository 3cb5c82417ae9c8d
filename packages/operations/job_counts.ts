import type { JobCounts } from "@ipcascade/core";
import type { UpdateReport } from "./editions/update_report.ts";
import type { RefreshReport, SourceRefresh } from "./refresh/refresh_report.ts";

/** Numbers of a refresh that are added up over its sources. */
const REFRESH_COUNTS = ["attempted", "refreshed", "missed", "skipped", "failed", "remaining"] as const;

/** What a refresh or a backfill did, in rows and over all its sources, for the record of its run. */
export function countRefresh({ sources }: RefreshReport): JobCounts {
  const sum = (name: keyof SourceRefresh & (typeof REFRESH_COUNTS)[number]) =>
    Object.values(sources).reduce((total, source) => total + source[name], 0);
  return Object.fromEntries(REFRESH_COUNTS.map((name) => [name, sum(name)]));
}

/** How many editions an update installed, found current, and so on, for the record of its run. */
export function countUpdate({ items }: Pick<UpdateReport, "items">): JobCounts {
  const counts: Record<string, number> = {};
  for (const { status } of items) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
