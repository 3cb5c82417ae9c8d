import type { CAC } from "cac";
import { type JobName, UsageError } from "@ipcascade/core";
import {
  endOfRecovery,
  endOfUpdate,
  listEditions,
  pruneEditions,
  readEditionStatus,
  recoverEditions,
  rollBackEditions,
  updateEditions,
  type UpdateOptions,
  verifyEditions,
  verifyFiles,
} from "@ipcascade/operations";
import {
  openEditionFiles,
  openEditionProvider,
  type OpenEditions,
  openEditions,
  planRecovery,
  planUpdate,
} from "@ipcascade/platform";
import {
  renderEditionList,
  renderEditionStatus,
  renderPruning,
  renderRecovery,
  renderRollback,
  renderUpdate,
  renderVerification,
} from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RawFlags, readSwitch, readText } from "../flags.ts";
import { pickAction, refuseOptions } from "./actions.ts";
import type { RunCommand } from "./command.ts";
import { statusOfRecovery, statusOfUpdate, statusOfVerification } from "./editions_status.ts";
import { type JobWorkEnd, recorded } from "./recorded.ts";
import { readReportFormat, writeFailure, writeReport } from "./report.ts";
import { givenUp, type RunSignals, withStopSignals } from "./stop.ts";

/** What one action works with. */
interface ActionContext {
  readonly inputs: readonly string[];
  readonly flags: RawFlags;
  readonly context: CliContext;
  readonly editions: OpenEditions;
  readonly signals: RunSignals;
}

type Action = (action: ActionContext) => Promise<JobWorkEnd>;

/** An action, the name of its report, and its options besides `--format`. */
interface ActionDefinition {
  readonly run: Action;
  readonly operation: string;
  readonly options: readonly string[];
  /** The job that it is, when it changes something; others leave no record. */
  readonly job?: JobName;
}

const ACTIONS: Readonly<Record<string, ActionDefinition>> = {
  status: { run: status, operation: "edition-status", options: [] },
  update: { run: update, operation: "update-editions", options: ["force", "dryRun"], job: "update-editions" },
  verify: { run: verify, operation: "verify-editions", options: [] },
  list: { run: list, operation: "list-editions", options: [] },
  rollback: { run: rollback, operation: "roll-back-editions", options: ["to", "dryRun"] },
  recover: { run: recover, operation: "recover-editions", options: [], job: "recover-editions" },
  prune: { run: prune, operation: "prune-editions", options: ["dryRun"] },
};
const OPTIONS: Readonly<Record<string, string>> = { force: "--force", dryRun: "--dry-run", to: "--to" };

/** Adds `editions`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const command = cli.command(
    "editions <action> [...files]",
    `MaxMind databases: ${Object.keys(ACTIONS).join(", ")}`,
  );
  command
    .option(
      "--force",
      "update: ask and download although nothing is due or new; verification is never skipped",
    )
    .option("--dry-run", "update, rollback, prune: say what would be done, change nothing")
    .option("--to <set>", "rollback: the set to go back to (default: the newest older one)")
    .option("--format <format>", "Write the report as table or json (default: table)")
    .example("  $ ipcascade editions update")
    .example("  $ ipcascade editions verify GeoLite2-City.mmdb")
    .example("  $ ipcascade editions rollback --to 20261120-020000-1a2b3c4d");
  command.action((action: unknown, inputs: readonly unknown[], flags: Record<string, unknown>) =>
    run(([name = "", ...texts], raw) => runAction(name, texts, raw, context))([action, ...inputs], flags)
  );
}

async function runAction(
  name: string,
  inputs: readonly string[],
  flags: RawFlags,
  context: CliContext,
): Promise<number> {
  const action = pickAction("editions", name, ACTIONS);
  refuseOptions(`editions ${name}`, flags, OPTIONS, action.options);
  if (inputs.length > 0 && name !== "verify") {
    throw new UsageError(`Cannot run editions ${name} ${JSON.stringify(inputs[0])}: it takes no file`);
  }
  readReportFormat(flags);
  const work = async (signals: RunSignals): Promise<JobWorkEnd> => {
    try {
      await using editions = await openEditions(context.settings, context.log);
      const work = action.run({ inputs, flags, context, editions, signals });
      return await Promise.race([work, givenUp(signals.abort, { status: EXIT.done })]);
    } catch (error) {
      if (signals.stop.aborted) return { status: EXIT.done };
      await writeFailure({ operation: action.operation, items: [] }, error, flags, context);
      throw error;
    }
  };
  const job = readSwitch(flags, "dry-run") ? undefined : action.job;
  return await withStopSignals(context, async (signals) => {
    if (job === undefined) return (await work(signals)).status;
    return await recorded(job, { context, signals }, work);
  }, "giving up, what serves goes on serving; once more ends at once");
}

async function status({ flags, context, editions }: ActionContext): Promise<JobWorkEnd> {
  const { deps, policy, settings } = editions;
  const report = await readEditionStatus(deps, { policy, settings });
  await writeReport(report, renderEditionStatus, flags, context);
  return { status: report.grade === "critical" ? EXIT.failed : EXIT.done };
}

async function update({ flags, context, editions, signals }: ActionContext): Promise<JobWorkEnd> {
  await using provider = openEditionProvider(context.settings, editions.deps.clock);
  const report = await updateEditions({ ...editions.deps, provider }, {
    ...updateOptions(editions, context, signals),
    force: readSwitch(flags, "force"),
    isDryRun: readSwitch(flags, "dry-run"),
  });
  await writeReport(report, renderUpdate, flags, context);
  return { status: statusOfUpdate(report), ...endOfUpdate(report) };
}

async function verify({ inputs, flags, context, editions, signals }: ActionContext): Promise<JobWorkEnd> {
  const options = {
    policy: editions.policy,
    signal: signals.stop,
    onProgress: (share: number) => context.showProgress("verify", Math.round(share * 1_000), 1_000),
  };
  const report = inputs.length === 0
    ? await verifyEditions(editions.deps, options)
    : await verifyFiles(openEditionFiles(inputs), editions.deps, options);
  await writeReport(report, renderVerification, flags, context);
  return { status: statusOfVerification(report) };
}

async function list({ flags, context, editions }: ActionContext): Promise<JobWorkEnd> {
  await writeReport(await listEditions(editions.deps), renderEditionList, flags, context);
  return { status: EXIT.done };
}

async function rollback({ flags, context, editions, signals }: ActionContext): Promise<JobWorkEnd> {
  const report = await rollBackEditions(editions.deps, {
    policy: editions.policy,
    to: readText(flags, "to") ?? null,
    isDryRun: readSwitch(flags, "dry-run"),
    signal: signals.stop,
  });
  await writeReport(report, renderRollback, flags, context);
  return { status: EXIT.done };
}

async function recover({ flags, context, editions, signals }: ActionContext): Promise<JobWorkEnd> {
  const deps = planRecovery(editions, context.settings);
  const report = await recoverEditions(deps, updateOptions(editions, context, signals));
  await writeReport(report, renderRecovery, flags, context);
  return { status: statusOfRecovery(report), ...endOfRecovery(report) };
}

async function prune({ flags, context, editions }: ActionContext): Promise<JobWorkEnd> {
  const isDryRun = readSwitch(flags, "dry-run");
  const report = await pruneEditions(editions.deps, { policy: editions.policy, isDryRun });
  await writeReport(report, renderPruning, flags, context);
  return { status: EXIT.done };
}

function updateOptions(
  editions: OpenEditions,
  context: CliContext,
  { stop }: RunSignals,
): UpdateOptions {
  return {
    ...planUpdate(editions, context.settings),
    signal: stop,
    onProgress: ({ edition_id, phase, done, total }) =>
      context.showProgress(`${phase} ${edition_id}`, done, total),
  };
}
