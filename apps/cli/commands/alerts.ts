import type { CAC } from "cac";
import { quoteInput, UsageError } from "@ipcascade/core";
import { listAlerts, type NotifierTestReport, testNotifiers } from "@ipcascade/operations";
import { createAlertDeps, createNodeClock, openAlertStates } from "@ipcascade/platform";
import { renderAlertList, renderNotifierTests } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import type { RawFlags } from "../flags.ts";
import { pickAction } from "./actions.ts";
import type { RunCommand } from "./command.ts";
import { readReportFormat, writeFailure, writeReport } from "./report.ts";

type Action = (flags: RawFlags, context: CliContext) => Promise<number>;

const ACTIONS: Readonly<Record<string, Action>> = { list: runList, test: runTest };

/** Adds `alerts`. */
export function addAlertsCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  cli.command("alerts [action] [...rest]", "Show what was told to whom (list), or try the notifiers (test)")
    .option("--format <format>", "Write the report as table or json (default: table)")
    .example("  $ ipcascade alerts")
    .example("  $ ipcascade alerts test")
    .action((action: unknown, rest: readonly unknown[], flags: Record<string, unknown>) =>
      run(([name = "list", ...inputs], raw) => {
        const work = pickAction("alerts", name, ACTIONS);
        if (inputs.length > 0) {
          throw new UsageError(`Cannot run alerts ${name} ${quoteInput(inputs[0]!)}: it takes no argument`);
        }
        readReportFormat(raw);
        return work(raw, context);
      })(action === undefined ? rest : [action, ...rest], flags)
    );
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
    const report = await listAlerts({ states: opened.states, clock: createNodeClock() });
    await writeReport(report, renderAlertList, flags, context);
    return EXIT.done;
  } catch (error) {
    await writeFailure({ operation: "list-alerts" }, error, flags, context);
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
