import type { CAC } from "cac";
import { type LockHolder, MS_PER_MINUTE, quoteInput, UsageError } from "@ipcascade/core";
import {
  restoreBackup,
  type RestorePlan,
  type RestoreReport,
  type RestoreSource,
} from "@ipcascade/operations";
import { findBackup } from "@ipcascade/operations";
import { isBackupPath, openBackupAt, type OpenBackups, parseDuration } from "@ipcascade/platform";
import { formatDuration, renderRestore, renderRestorePlan } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RawFlags, readSwitch, readText } from "../flags.ts";
import { showBackupWork } from "./backup_progress.ts";
import { type RunCommand, withoutDefaults } from "./command.ts";
import { openBackupsFor } from "./open_backups.ts";
import { readReportFormat, writeFailure, writeReport, writeStopped } from "./report.ts";
import { givenUp, type RunSignals, withStopSignals } from "./stop.ts";

const OPERATION = "restore";

/** How long whoever uses the tables is waited for when nobody says so. */
const DEFAULT_WAIT_MS = MS_PER_MINUTE;

/** What was asked for. */
interface RestoreOrder {
  readonly wanted: string;
  readonly isDryRun: boolean;
  readonly isAgreed: boolean;
  readonly withEditions: boolean;
  readonly waitMs: number;
}

/** Adds `restore`. */
export function addRestoreCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const command = cli.command(
    "restore <backup>",
    "Replace the database's rows by a backup's: its id or the beginning of it, a date, latest, or its directory",
  );
  command
    .option("--dry-run", "Verify it and say which rows would be added, changed and lost; change nothing")
    .option("--yes", "Ask nobody")
    .option("--no-editions", "Leave the MaxMind databases as they are")
    .option("--wait <duration>", "How long whoever uses the tables is waited for (default: 1m)")
    .option("--format <format>", "Write the report as table or json (default: table)")
    .example("  $ ipcascade restore latest --dry-run")
    .example("  $ ipcascade restore 2026-11-25")
    .example("  $ ipcascade restore /mnt/usb/20261125-010000-1a2b3c4d --yes");
  withoutDefaults(command).action((backup: unknown, flags: Record<string, unknown>) =>
    run(([wanted = ""], raw) => restore(wanted, raw, context))([backup], flags)
  );
}

async function restore(wanted: string, flags: RawFlags, context: CliContext): Promise<number> {
  const order = readOrder(wanted, flags);
  readReportFormat(flags);
  if (!order.isDryRun && !order.isAgreed && !context.canAsk) {
    throw new UsageError("Cannot restore without asking: there is no terminal; give --yes, or --dry-run");
  }
  return await withStopSignals(context, async (signals) => {
    try {
      await using backups = await openBackupsFor(context);
      return await Promise.race([
        restoreWith(backups, order, { flags, context, signals }),
        givenUp(signals.abort, EXIT.done),
      ]);
    } catch (error) {
      if (signals.stop.aborted) {
        await writeStopped(OPERATION, flags, context);
        context.tell("Nothing was changed");
        return EXIT.done;
      }
      await writeFailure({ operation: OPERATION }, error, flags, context);
      throw error;
    }
  }, "giving up, the database stays as it was; once more ends at once");
}

function readOrder(wanted: string, flags: RawFlags): RestoreOrder {
  return {
    wanted,
    isDryRun: readSwitch(flags, "dry-run"),
    isAgreed: readSwitch(flags, "yes"),
    withEditions: flags.editions !== false,
    waitMs: readWait(flags),
  };
}

function readWait(flags: RawFlags): number {
  const text = readText(flags, "wait");
  const waitMs = text === undefined ? DEFAULT_WAIT_MS : parseDuration(text);
  if (waitMs !== null) return waitMs;
  throw new UsageError(
    `Cannot read --wait ${quoteInput(text ?? "")}: allowed are durations such as 30s, 5m or 1h30m`,
  );
}

interface Door {
  readonly flags: RawFlags;
  readonly context: CliContext;
  readonly signals: RunSignals;
}

async function restoreWith(backups: OpenBackups, order: RestoreOrder, door: Door): Promise<number> {
  const { flags, context, signals } = door;
  const { isDryRun, isAgreed, withEditions, waitMs } = order;
  const { deps, target } = backups;
  const confirm = async (plan: RestorePlan) =>
    isAgreed || await askFor(plan, { target, now: deps.clock.now() }, door);
  const report = await restoreBackup(deps, await findSource(order, backups), {
    ...showBackupWork(context, signals.stop),
    isDryRun,
    withEditions,
    waitMs,
    onWait: createWaitTeller(context),
    confirm,
  });
  if ("backup" in report) {
    await writeReport<RestoreReport>(report, renderRestore, flags, context);
    return EXIT.done;
  }
  await writeReport(report, () => "", flags, context);
  context.tell("Nothing was changed");
  return EXIT.failed;
}

async function findSource({ wanted }: RestoreOrder, { deps }: OpenBackups): Promise<RestoreSource> {
  if (!await isBackupPath(wanted)) return { deps, id: await findBackup(deps, wanted) };
  const { place, id } = await openBackupAt(wanted, deps);
  return { deps: { ...deps, place }, id };
}

async function askFor(
  plan: RestorePlan,
  where: { readonly target: string; readonly now: number },
  { context, signals }: Door,
): Promise<boolean> {
  const question = 'Type "yes" to restore it; anything else leaves everything as it is: ';
  const answer = await context.ask(renderRestorePlan(plan, where) + question, signals.stop);
  return answer?.trim() === "yes";
}

/** Says whom a restore waits for, each time that it is somebody else. */
function createWaitTeller(context: CliContext): (holders: readonly LockHolder[]) => void {
  let told = "";
  return (holders) => {
    const pids = holders.map(({ pid }) => pid).join(" ");
    if (pids === told) return;
    told = pids;
    for (const { pid, who, table, openMs } of holders) {
      context.tell(
        `Waiting for ${who} (process ${pid}), which has used ${table} for ${formatDuration(openMs)}`,
      );
    }
  };
}
