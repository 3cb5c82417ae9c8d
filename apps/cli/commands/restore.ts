import type { CAC } from "cac";
import { type LockHolder, MS_PER_MINUTE, quoteInput, UsageError } from "@ipcascade/core";
import { restoreBackup, type RestorePlan, type RestoreReport } from "@ipcascade/operations";
import { type OpenBackups, parseDuration } from "@ipcascade/platform";
import { describeOtherDatabase, formatDuration, renderRestore, renderRestorePlan } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RawFlags, readSwitch, readText } from "../flags.ts";
import { showBackupWork } from "./backup_progress.ts";
import { findSource } from "./backup_source.ts";
import { type RunCommand, withoutDefaults } from "./command.ts";
import { openBackupsFor } from "./open_backups.ts";
import { readReportFormat, writeFailure, writeReport, writeStopped } from "./report.ts";
import { type FinishedRun, givenUp, type RunSignals, withStopSignals } from "./stop.ts";

const OPERATION = "restore";

/** How long whoever has the embedded database, or uses the tables, is waited for when nobody says so. */
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
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const command = cli.command(
    "restore <backup>",
    "Replace the database's rows by a backup's: its id or the beginning of it, a date, latest, or its directory",
  );
  command
    .option("--dry-run", "Verify it and say which rows would be added, changed and lost; change nothing")
    .option("--yes", "Ask nobody")
    .option("--no-editions", "Leave the MaxMind databases as they are")
    .option(
      "--wait <duration>",
      "How long whoever has the embedded database or the tables is waited for (default: 1m)",
    )
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
  return await withStopSignals(context, (signals) => restoreUnder(order, { flags, context, signals }), HINT);
}

/** The rows may be committed already, so that it promises nothing. */
const HINT = "stopping; whether the database stays as it was is said at the end; once more ends at once";

async function restoreUnder(order: RestoreOrder, door: Door): Promise<number | FinishedRun> {
  const { flags, context, signals } = door;
  const course = { isCommitting: false };
  try {
    await using backups = await openBackupsFor(context, { waitMs: order.waitMs, signal: signals.stop });
    const end = await Promise.race([
      restoreWith(backups, order, { ...door, onCommit: () => void (course.isCommitting = true) }),
      givenUp(signals.abort, null),
    ]);
    if (end !== null) return end;
    context.tell(course.isCommitting ? UNKNOWN : NOTHING_CHANGED);
    return EXIT.done;
  } catch (error) {
    if (signals.stop.aborted && !course.isCommitting) {
      await writeStopped(OPERATION, flags, context);
      context.tell(NOTHING_CHANGED);
      return EXIT.done;
    }
    await writeFailure({ operation: OPERATION }, error, flags, context);
    throw error;
  }
}

const NOTHING_CHANGED = "Nothing was changed";
const UNKNOWN = "The rows were being committed: look whether they are the backup's, as --dry-run tells";

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

async function restoreWith(
  backups: OpenBackups,
  order: RestoreOrder,
  door: Door & { readonly onCommit: () => void },
): Promise<number | FinishedRun> {
  const { flags, context, signals, onCommit } = door;
  const { isDryRun, isAgreed, withEditions, waitMs } = order;
  const { deps, target } = backups;
  const confirm = async (plan: RestorePlan) => {
    if (!isAgreed) return await askFor(plan, { target, now: deps.clock.now() }, door);
    warnOfOther(plan, context);
    return true;
  };
  const report = await restoreBackup(deps, await findSource(order.wanted, deps), {
    ...showBackupWork(context, signals.stop),
    isDryRun,
    withEditions,
    waitMs,
    onWait: createWaitTeller(context),
    confirm,
    onCommit,
  });
  if ("backup" in report) {
    await writeReport<RestoreReport>(report, renderRestore, flags, context);
    if (signals.stop.aborted) context.tell(isDryRun ? LATE.dryRun : LATE.restore);
    return { finished: EXIT.done };
  }
  await writeReport(report, () => "", flags, context);
  context.tell(NOTHING_CHANGED);
  return EXIT.failed;
}

const LATE = {
  restore: "The signal came too late: the backup is restored",
  dryRun: "The signal came too late: the backup was looked at; nothing was changed",
} as const;

function warnOfOther(plan: RestorePlan, context: CliContext): void {
  const other = describeOtherDatabase(plan);
  if (other !== null) context.complain(`Restoring the backup ${plan.backup.id}, but ${other}`);
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
