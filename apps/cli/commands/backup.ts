import type { CAC } from "cac";
import { quoteInput, UsageError } from "@ipcascade/core";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import type { RawFlags } from "../flags.ts";
import { pickAction, refuseOptions } from "./actions.ts";
import {
  type BackupAction,
  type BackupOrder,
  planBackup,
  planBackupList,
  planBackupPruning,
  planBackupVerification,
} from "./backup_actions.ts";
import { type RunCommand, withoutDefaults } from "./command.ts";
import { openBackupsFor } from "./open_backups.ts";
import { type JobWorkEnd, recorded } from "./recorded.ts";
import { writeFailure, writeStopped } from "./report.ts";
import { givenUp, type RunSignals, withStopSignals } from "./stop.ts";

/** An action, the name of its report, and its options besides `--format`. */
interface ActionDefinition {
  readonly plan: (order: BackupOrder) => BackupAction;
  readonly operation: string;
  readonly options: readonly string[];
  readonly takesIds: boolean;
  /** True for what the job `back-up` does; the others leave no record. */
  readonly isJob: boolean;
}

const ACTIONS: Readonly<Record<string, ActionDefinition>> = {
  list: {
    plan: planBackupList,
    operation: "list-backups",
    options: [],
    takesIds: false,
    isJob: false,
  },
  create: {
    plan: planBackup,
    operation: "back-up",
    options: ["editions", "prune", "keepDays"],
    takesIds: false,
    isJob: true,
  },
  verify: {
    plan: planBackupVerification,
    operation: "verify-backups",
    options: ["all", "restoreTest", "files"],
    takesIds: true,
    isJob: false,
  },
  prune: {
    plan: planBackupPruning,
    operation: "prune-backups",
    options: ["dryRun", "keepDays"],
    takesIds: false,
    isJob: false,
  },
};
const OPTIONS = {
  editions: "--no-editions",
  prune: "--prune",
  all: "--all",
  restoreTest: "--restore-test",
  files: "--files",
  dryRun: "--dry-run",
  keepDays: "--keep-days",
} as const;

/** Adds `backup`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const command = cli.command(
    "backup [action] [...backups]",
    `Backups of the database and the editions: ${Object.keys(ACTIONS).join(", ")} (default: list)`,
  );
  command
    .option("--no-editions", "create: leave the MaxMind databases out")
    .option("--prune", "create: remove old backups once this one is verified, as the daily job does")
    .option("--all", "verify: every backup that is there")
    .option("--restore-test", "verify: restore into a scratch database as well, and compare")
    .option("--files", "verify: only whether the files are as they were written")
    .option("--dry-run", "prune: say what would be removed, change nothing")
    .option(
      "--keep-days <n>",
      "prune, create --prune: days that a backup is kept (default: BACKUP_KEEP_DAYS)",
    )
    .option("--format <format>", "Write the report as table or json; list also as csv (default: table)")
    .example("  $ ipcascade backup create --prune")
    .example("  $ ipcascade backup")
    .example("  $ ipcascade backup verify latest --restore-test")
    .example("  $ ipcascade backup verify /mnt/usb/20261125-010000-1a2b3c4d")
    .example("  $ ipcascade backup prune --dry-run");
  withoutDefaults(command).action((
    action: unknown,
    ids: readonly unknown[],
    flags: Record<string, unknown>,
  ) =>
    run(([name = "list", ...texts], raw) => runAction(name, texts, raw, context))(
      action === undefined ? ids : [action, ...ids],
      flags,
    )
  );
}

async function runAction(
  name: string,
  ids: readonly string[],
  flags: RawFlags,
  context: CliContext,
): Promise<number> {
  const definition = pickAction("backup", name, ACTIONS);
  refuseOptions(`backup ${name}`, flags, OPTIONS, definition.options);
  if (ids.length > 0 && !definition.takesIds) {
    throw new UsageError(`Cannot run backup ${name} ${quoteInput(ids[0]!)}: it takes no argument`);
  }
  const action = definition.plan({ ids, flags, context });
  const work = (signals: RunSignals) => workOn(action, definition.operation, { flags, context, signals });
  return await withStopSignals(context, async (signals) => {
    if (!definition.isJob) return (await work(signals)).status;
    return await recorded("back-up", { context, signals }, work);
  }, "giving up, what was begun is undone; once more ends at once");
}

async function workOn(
  action: BackupAction,
  operation: string,
  { flags, context, signals }: {
    readonly flags: RawFlags;
    readonly context: CliContext;
    readonly signals: RunSignals;
  },
): Promise<JobWorkEnd> {
  try {
    await using backups = await openBackupsFor(context, { signal: signals.stop });
    return await Promise.race([
      action({ backups, signals }),
      givenUp(signals.abort, { status: EXIT.done }),
    ]);
  } catch (error) {
    if (signals.stop.aborted) {
      await writeStopped(operation, flags, context);
      return { status: EXIT.done };
    }
    await writeFailure({ operation }, error, flags, context);
    throw error;
  }
}
