import { ALL_ROWS, SOURCE_NAMES, type SourceName } from "@ipcascade/core";
import type { RefreshDeps, RefreshOptions, SourceRun } from "./deps.ts";
import { refreshMaxmind } from "./refresh_maxmind.ts";
import { refreshRemote } from "./refresh_remote.ts";
import type { RefreshReport, SourceRefresh } from "./refresh_report.ts";
import { RefreshTally } from "./refresh_tally.ts";

/** Rows taken, asked about and stored together (runbook: Refresh Stale Data). */
const BATCH_SIZES: Readonly<Record<SourceName, number>> = { maxmind: 5_000, cymru: 1_000, greynoise: 500 };

/**
 * Asks the sources again about rows whose answer is missing, past its time, or failed and due again. Each row is asked
 * about at most once in a run; a run that is stopped or killed goes on where it was when it is started again. Any
 * number of processes may do it at once. Throws `StoreError` when the database fails.
 */
export async function refreshStale(deps: RefreshDeps, options: RefreshOptions = {}): Promise<RefreshReport> {
  const { clock } = deps;
  const startedMs = clock.elapsed();
  const chosen = options.sources ?? SOURCE_NAMES;
  const sources: Partial<Record<SourceName, SourceRefresh>> = {};
  for (const source of SOURCE_NAMES) {
    if (!chosen.includes(source)) continue;
    const tally = new RefreshTally(clock.elapsed());
    const run = fillIn(options, source, clock.now());
    if (source === "maxmind") await refreshMaxmind(deps, run, tally);
    else await refreshRemote(source, deps, run, tally);
    sources[source] = tally.report(clock.elapsed());
  }
  const stopped = options.stop?.aborted === true;
  return { sources, elapsed_ms: Math.round(clock.elapsed() - startedMs), stopped };
}

function fillIn(options: RefreshOptions, source: SourceName, now: number): SourceRun {
  const { share, stop, abort, onProgress } = options;
  return {
    now,
    limit: options.limit ?? Infinity,
    batchSize: options.batchSize ?? BATCH_SIZES[source],
    filter: options.filter ?? ALL_ROWS,
    force: options.force ?? false,
    lanes: options.lanes ?? 1,
    share,
    stop,
    abort,
    onProgress,
  };
}
