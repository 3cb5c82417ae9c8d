import {
  backfillAsn,
  endOfRefresh,
  type RefreshOptions,
  type RefreshProgress,
  type RefreshReport,
  refreshStale,
} from "@ipcascade/operations";
import { type Cascade, connectCascade } from "../compose.ts";
import { openLivelyDatabase } from "../lively_database.ts";
import type { JobContext, JobWork } from "./job_context.ts";

/** The job `refresh-stale`. */
export const refreshStaleJob: JobWork<"refresh-stale"> = (context) =>
  runRefresh("refresh-stale", context, refreshStale);

/** The job `backfill-asn`. */
export const backfillAsnJob: JobWork<"backfill-asn"> = (context) =>
  runRefresh("backfill-asn", context, backfillAsn);

async function runRefresh(
  purpose: "refresh-stale" | "backfill-asn",
  context: JobContext,
  work: (cascade: Cascade, options: RefreshOptions) => Promise<RefreshReport>,
) {
  const { settings, stop, abort } = context;
  await using cascade = await openJobCascade(purpose, context);
  const note = noteProgress(context);
  const report = await work(cascade, {
    lanes: cascade.lanes,
    share: settings.greynoiseRefreshShare,
    stop,
    abort,
    onProgress: (progress) => {
      note(progress);
      cascade.relieve();
    },
  });
  return { ...endOfRefresh(report), report };
}

/** A cascade of its own: its requests are recorded under what they are made for. */
async function openJobCascade(
  purpose: "refresh-stale" | "backfill-asn",
  { settings, log, database, clock }: JobContext,
): Promise<Cascade> {
  if (database === undefined) {
    return await connectCascade(await openLivelyDatabase(settings, log), settings, log, { purpose, clock });
  }
  const borrowed = { ...database, close: () => Promise.resolve() };
  return await connectCascade({ sql: borrowed, signs: borrowed }, settings, log, { purpose, clock });
}

/** Adds up what the sources have refreshed so far. */
function noteProgress(
  { count, onProgress }: Pick<JobContext, "count" | "onProgress">,
): (progress: RefreshProgress) => void {
  const totals = new Map<string, number>();
  return ({ source, total }) => {
    totals.set(source, total);
    onProgress?.({ label: source, done: total, total: null });
    count({ refreshed: [...totals.values()].reduce((sum, one) => sum + one, 0) });
  };
}
