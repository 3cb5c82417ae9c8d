import type { CAC } from "cac";
import { MAX_QUOTA, parseQuotaPolicy, type QuotaPolicy, quoteInput, UsageError } from "@ipcascade/core";
import {
  checkQuota,
  listQuotaChanges,
  type QuotaDeps,
  reportUnknownQuota,
  resetQuota,
  setQuota,
} from "@ipcascade/operations";
import { createNodeClock, describeOperator, openQuota } from "@ipcascade/platform";
import { renderQuota, renderQuotaHistory, renderResetQuota, renderSetQuota } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RawFlags, readInteger, readSwitch, readText } from "../flags.ts";
import { pickAction, refuseOptions } from "./actions.ts";
import type { RunCommand } from "./command.ts";
import { checkQuotaWithAlerts } from "./quota_alert.ts";
import { readReportFormat, writeFailure, writeReport } from "./report.ts";
import { withStopSignals } from "./stop.ts";

/** Changes that `quota history` shows when nobody says how many. */
const DEFAULT_HISTORY = 20;
const MAX_HISTORY = 10_000;

/** An action that has read its arguments and waits for the ledger. */
interface PlannedAction {
  readonly run: (deps: QuotaDeps) => Promise<number>;
  /** Writes what there is to say instead of a report; the error's message goes to standard error as well. */
  readonly tellFailure: (error: unknown) => Promise<void>;
}

interface ActionDefinition {
  readonly plan: (inputs: readonly string[], flags: RawFlags, context: CliContext) => PlannedAction;
  readonly takesInput: boolean;
  /** Options besides `--format`. */
  readonly options: readonly string[];
}

const ACTIONS: Readonly<Record<string, ActionDefinition>> = {
  status: { plan: planStatus, takesInput: false, options: ["alert"] },
  set: { plan: planSet, takesInput: true, options: ["used", "reason"] },
  reset: { plan: planReset, takesInput: false, options: ["reason"] },
  history: { plan: planHistory, takesInput: false, options: ["limit"] },
};
const OPTIONS = { alert: "--alert", used: "--used", reason: "--reason", limit: "--limit" } as const;

/** Adds `quota`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const command = cli.command(
    "quota [action] [...limit]",
    `GreyNoise quota: ${Object.keys(ACTIONS).join(", ")} (default: status)`,
  );
  command
    .option("--alert", "status: tell people what changed, by mail and webhook (see docs/alerts.md)")
    .option("--used <n>", "set: requests used in the present window (default: as counted)")
    .option("--reason <text>", "set, reset: why, for the record; reset needs it")
    .option("--limit <n>", `history: changes to show (default: ${DEFAULT_HISTORY})`)
    .option("--format <format>", "Write the report as table or json (default: table)")
    .example("  $ ipcascade quota")
    .example("  $ ipcascade quota --alert")
    .example('  $ ipcascade quota set 50000/month --reason "new plan"')
    .example('  $ ipcascade quota reset --reason "GreyNoise confirmed that nothing was used"');
  command.action((action: unknown, inputs: readonly unknown[], flags: Record<string, unknown>) =>
    run(([name = "status", ...texts], raw) => runAction(name, texts, raw, context))(
      action === undefined ? inputs : [action, ...inputs],
      flags,
    )
  );
}

async function runAction(
  name: string,
  inputs: readonly string[],
  flags: RawFlags,
  context: CliContext,
): Promise<number> {
  const definition = pickAction("quota", name, ACTIONS);
  refuseOptions(`quota ${name}`, flags, OPTIONS, definition.options);
  if (inputs.length > 0 && !definition.takesInput) {
    throw new UsageError(`Cannot run quota ${name} ${quoteInput(inputs[0]!)}: it takes no argument`);
  }
  readReportFormat(flags);
  if (readSwitch(flags, "alert")) return await checkQuotaWithAlerts(flags, context);
  const action = definition.plan(inputs, flags, context);
  return await withStopSignals(context, async () => {
    try {
      await using quota = await openQuota(context.settings, context.log);
      return await action.run(quota.deps);
    } catch (error) {
      await action.tellFailure(error);
      throw error;
    }
  }, "finishing what was begun");
}

function planStatus(_inputs: readonly string[], flags: RawFlags, context: CliContext): PlannedAction {
  const options = { refreshShare: context.settings.greynoiseRefreshShare };
  return {
    run: async (deps) => {
      const report = await checkQuota(deps, options);
      await writeReport(report, renderQuota, flags, context);
      if (report.error === null) return EXIT.done;
      context.complain(report.error.message);
      return EXIT.failed;
    },
    tellFailure: async (error) => {
      const report = reportUnknownQuota(error, createNodeClock().now(), options);
      await writeReport(report, renderQuota, flags, context);
    },
  };
}

function planSet(inputs: readonly string[], flags: RawFlags, context: CliContext): PlannedAction {
  const policy = readPolicy(inputs);
  const used = readInteger(flags, "used", { min: 0, max: MAX_QUOTA });
  const reason = readReason(flags);
  return {
    run: async (deps) => {
      const report = await setQuota(deps, { policy, used, reason, actor: describeOperator() });
      await writeReport(report, renderSetQuota, flags, context);
      return EXIT.done;
    },
    tellFailure: (error) => writeFailure({ operation: "set-quota" }, error, flags, context),
  };
}

function planReset(_inputs: readonly string[], flags: RawFlags, context: CliContext): PlannedAction {
  const reason = readReason(flags);
  if (reason === undefined) throw new UsageError("Cannot reset the quota without --reason: it is kept");
  return {
    run: async (deps) => {
      const report = await resetQuota(deps, { reason, actor: describeOperator() });
      await writeReport(report, renderResetQuota, flags, context);
      return EXIT.done;
    },
    tellFailure: (error) => writeFailure({ operation: "reset-quota" }, error, flags, context),
  };
}

function planHistory(_inputs: readonly string[], flags: RawFlags, context: CliContext): PlannedAction {
  const limit = readInteger(flags, "limit", { min: 1, max: MAX_HISTORY }) ?? DEFAULT_HISTORY;
  return {
    run: async (deps) => {
      await writeReport(await listQuotaChanges(deps, { limit }), renderQuotaHistory, flags, context);
      return EXIT.done;
    },
    tellFailure: (error) => writeFailure({ operation: "list-quota-changes" }, error, flags, context),
  };
}

function readPolicy(inputs: readonly string[]): QuotaPolicy {
  const allowed = "allowed are N/day, N/week and N/month, such as 10000/day";
  if (inputs.length !== 1) throw new UsageError(`Cannot set the quota: give one limit; ${allowed}`);
  const policy = parseQuotaPolicy(inputs[0]!);
  if (policy === null) throw new UsageError(`Cannot read the quota ${quoteInput(inputs[0]!)}: ${allowed}`);
  return policy;
}

/** An empty reason is refused before anything is opened. */
function readReason(flags: RawFlags): string | undefined {
  const reason = readText(flags, "reason");
  if (reason?.trim() !== "") return reason;
  throw new UsageError('Cannot read --reason "": say why in a few words');
}
