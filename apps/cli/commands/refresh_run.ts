import type { Command } from "cac";
import { endOfRefresh, type RefreshOptions, type RefreshReport } from "@ipcascade/operations";
import { type Cascade, openCascade } from "@ipcascade/platform";
import { renderRefresh, renderRefreshProgress } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { exitStatusOfOutcome } from "../exit_status.ts";
import { type RawFlags, readInteger, readSwitch } from "../flags.ts";
import { tellAttributions, tellMissingEditions } from "./missing_editions.ts";
import { type JobWorkEnd, recorded } from "./recorded.ts";
import { readReportFormat, writeFailure, writeReport } from "./report.ts";
import { addRowOptions, isEveryRow, readRowFilter } from "./row_filter.ts";
import { type RunSignals, withStopSignals } from "./stop.ts";

/** Options of a run over rows of the inventory. `batchSizes` says how many it takes together. */
export function addRunOptions(command: Command, batchSizes: string): Command {
  return addRowOptions(command)
    .option("--limit <n>", "Ask each source about so many rows at most (default: no limit)")
    .option("--batch-size <n>", `Rows taken and stored together, 1 to 10000 (default: ${batchSizes})`)
    .option("--share", "Work beside other runs on the same server: each row is asked about by one of them")
    .option("--format <format>", "Write the report as table or json (default: table)");
}

/** Asks about rows, as a job when it is about all of them. Gives the exit status. */
export async function runRefresh(
  operation: "refresh-stale" | "backfill-asn",
  flags: RawFlags,
  context: CliContext,
  work: (cascade: Cascade, options: RefreshOptions) => Promise<RefreshReport>,
): Promise<number> {
  readReportFormat(flags);
  const limit = readInteger(flags, "limit", { min: 1, max: 1_000_000_000 });
  const batchSize = readInteger(flags, "batch-size", { min: 1, max: 10_000 });
  const filter = readRowFilter(flags, Date.now());
  const isShared = readSwitch(flags, "share");
  const refresh = async ({ stop, abort }: RunSignals): Promise<JobWorkEnd> => {
    try {
      await using cascade = await openCascade(context.settings, context.log, operation);
      tellMissingEditions(cascade.maxmind, context);
      const report = await work(cascade, {
        limit,
        batchSize,
        filter,
        lanes: cascade.lanes,
        share: context.settings.greynoiseRefreshShare,
        stop,
        abort,
        onProgress: (progress) => {
          context.tell(renderRefreshProgress(progress));
          cascade.relieve();
        },
      });
      await writeReport(report, renderRefresh, flags, context);
      tellAttributions(cascade.maxmind, context);
      const end = endOfRefresh(report);
      return { status: exitStatusOfOutcome(end.outcome), ...end };
    } catch (error) {
      await writeFailure({ operation }, error, flags, context);
      throw error;
    }
  };
  return await withStopSignals(context, async (signals) => {
    // What was done for some rows alone says nothing of the others, which the job would have done.
    if (!isEveryRow(filter)) return (await refresh(signals)).status;
    return await recorded(operation, { context, signals, isShared }, refresh);
  });
}
