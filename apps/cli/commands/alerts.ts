import type { CAC } from "cac";
import { quoteInput, UsageError } from "@ipcascade/core";
import { forgetAlert, listAlerts, type NotifierTestReport, testNotifiers } from "@ipcascade/operations";
import {
  createAlertDeps,
  createLocalAlertStates,
  createNodeClock,
  openAlertStates,
} from "@ipcascade/platform";
import { renderAlertList, renderForgottenAlert, renderNotifierTests } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RawFlags, readSwitch } from "../flags.ts";
import { pickAction, refuseOptions } from "./actions.ts";
import type { RunCommand } from "./command.ts";
import { readReportFormat, writeFailure, writeReport } from "./report.ts";

interface Action {
  readonly run: (flags: RawFlags, context: CliContext, input: string) => Promise<number>;
  /** What it takes after its name; null for nothing. */
  readonly input: string | null;
  readonly options: readonly string[];
}

const ACTIONS: Readonly<Record<string, Action>> = {
  list: { run: runList, input: null, options: ["all"] },
  test: { run: runTest, input: null, options: [] },
  forget: { run: runForget, input: 'one key, as "ipcascade alerts" shows it', options: [] },
};

/** Adds `alerts`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const actions = Object.keys(ACTIONS).join(", ");
  cli.command("alerts [action] [...key]", `What was told to whom: ${actions} (default: list)`)
    .option("--all", "list: also what is well and was never told of")
    .option("--format <format>", "Write the report as table or json (default: table)")
    .example("  $ ipcascade alerts               # what is bad or was told, the worst first")
    .example("  $ ipcascade alerts test          # send a test message through every notifier")
    .example("  $ ipcascade alerts forget health.probe_greynoise   # what nobody looks at any more")
    .action((action: unknown, rest: readonly unknown[], flags: Record<string, unknown>) =>
      run(([name = "list", ...inputs], raw) => runAction(name, inputs, raw, context))(
        action === undefined ? rest : [action, ...rest],
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
  const action = pickAction("alerts", name, ACTIONS);
  refuseOptions(`alerts ${name}`, flags, { all: "--all" }, action.options);
  const [input = ""] = inputs;
  if (action.input === null && inputs.length > 0) {
    throw new UsageError(`Cannot run alerts ${name} ${quoteInput(input)}: it takes no argument`);
  }
  if (action.input !== null && (inputs.length !== 1 || input === "")) {
    throw new UsageError(`Cannot run alerts ${name}: give ${action.input}`);
  }
  readReportFormat(flags);
  return await action.run(flags, context, input);
}

/** Says which settings alerts need. */
export function tellUnconfigured(context: CliContext): void {
  context.tell(
    "No notifier is configured: set SMTP_URL with ALERT_EMAIL_TO for mail, or ALERT_WEBHOOK_URL for a webhook",
  );
}

async function runList(flags: RawFlags, context: CliContext): Promise<number> {
  try {
    await using opened = await openAlertStates(context.settings, context.log);
    const deps = { states: opened.states, clock: createNodeClock() };
    const report = await listAlerts(deps, { all: readSwitch(flags, "all") });
    await writeReport(report, renderAlertList, flags, context);
    return EXIT.done;
  } catch (error) {
    await writeFailure({ operation: "list-alerts" }, error, flags, context);
    throw error;
  }
}

async function runForget(flags: RawFlags, context: CliContext, key: string): Promise<number> {
  const { settings, log } = context;
  try {
    await using opened = await openAlertStates(settings, log);
    const local = createLocalAlertStates(settings);
    const report = await forgetAlert({ states: opened.states, local, clock: createNodeClock() }, key);
    await writeReport(report, renderForgottenAlert, flags, context);
    if (report.status === "done") return EXIT.done;
    context.complain(`Cannot forget the alert ${quoteInput(key)}: nothing is remembered under this key`);
    return EXIT.failed;
  } catch (error) {
    await writeFailure({ operation: "forget-alert" }, error, flags, context);
    throw error;
  }
}

async function runTest(flags: RawFlags, context: CliContext): Promise<number> {
  const report = await testNotifiers(createAlertDeps(context.settings, context.log));
  await writeReport(
    report,
    ({ notifiers }) => notifiers.length === 0 ? "" : renderNotifierTests(report),
    flags,
    context,
  );
  if (report.status === "off") tellUnconfigured(context);
  for (const { notifier, error } of report.notifiers) {
    if (error !== null) context.complain(`${notifier}: ${error}`);
  }
  return TEST_STATUS[report.status];
}

const TEST_STATUS: Readonly<Record<NotifierTestReport["status"], number>> = {
  done: EXIT.done,
  failed: EXIT.failed,
  partly_failed: EXIT.partlyFailed,
  off: EXIT.usage,
};
