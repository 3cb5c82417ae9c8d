import type { CAC, Command } from "cac";
import { SOURCE_NAMES, type SourceName } from "@ipcascade/core";
import {
  backfillAsn,
  endOfRefresh,
  type RefreshOptions,
  type RefreshReport,
  refreshStale,
} from "@ipcascade/operations";
import { type Cascade, openCascade } from "@ipcascade/platform";
import { renderRefresh, renderRefreshProgress } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { exitStatusOfOutcome } from "../exit_status.ts";
import { type RawFlags, readChoice, readInteger, readSwitch } from "../flags.ts";
import { type RunCommand, takingNone } from "./command.ts";
import { tellAttributions, tellMissingEditions } from "./missing_editions.ts";
import { type JobWorkEnd, recorded } from "./recorded.ts";
import { readReportFormat, writeFailure, writeReport } from "./report.ts";
import { addRowOptions, isEveryRow, readRowFilter } from "./row_filter.ts";
import { type RunSignals, withStopSignals } from "./stop.ts";

/** Adds `refresh`. */
export function addRefreshCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const command = cli.command("refresh", "Ask again about rows whose answers are missing, old or failed");
  addRunOptions(
    command.option("--source <source>", `One of ${SOURCE_NAMES.join(", ")}, all (default: all)`),
    "5000 for MaxMind, 1000 for Cymru, 500 for GreyNoise",
  )
    .option("--asn <number>", "Only addresses of this AS, such as 15169 or AS15169")
    .option("--force", "Ask about fresh rows and those that wait after a failure, too")
    .example("  $ ipcascade refresh")
    .example("  $ ipcascade refresh --source greynoise --active-days 30 --limit 2000")
    .example("  $ ipcascade refresh --source cymru --asn 15169")
    .action(takingNone(run((_, flags) => {
      const choice = readChoice(flags, "source", [...SOURCE_NAMES, "all"] as const) ?? "all";
      const sources: readonly SourceName[] = choice === "all" ? SOURCE_NAMES : [choice];
      const force = readSwitch(flags, "force");
      return runRefresh(
        "refresh-stale",
        flags,
        context,
        (cascade, options) => refreshStale(cascade, { ...options, sources, force }),
      );
    })));
}

/** Adds `backfill`. */
export function addBackfillCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  addRunOptions(cli.command("backfill", "Ask Team Cymru, in bulk, about rows without an ASN"), "1000")
    .example("  $ ipcascade backfill --limit 50000")
    .action(takingNone(run((_, flags) => runRefresh("backfill-asn", flags, context, backfillAsn))));
}

function addRunOptions(command: Command, batchSizes: string): Command {
  return addRowOptions(command)
    .option("--limit <n>", "Ask each source about so many rows at most (default: no limit)")
    .option("--batch-size <n>", `Rows taken and stored together, 1 to 10000 (default: ${batchSizes})`)
    .option("--share", "Work beside other runs on the same server: each row is asked about by one of them")
    .option("--format <format>", "Write the report as table or json (default: table)");
}

async function runRefresh(
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
