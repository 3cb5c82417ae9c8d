import type { CAC } from "cac";
import { UsageError } from "@ipcascade/core";
import { checkQueue, dropDeadLetters, retryDeadLetters } from "@ipcascade/operations";
import { createNodeClock, type OpenQueue, openQueue } from "@ipcascade/platform";
import { renderDeadLetters, renderQueueStatus } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RawFlags, readSwitch } from "../flags.ts";
import { pickAction } from "./actions.ts";
import type { RunCommand } from "./command.ts";
import { readReportFormat, writeFailure, writeReport } from "./report.ts";

/** What is done with the queue; `run` gives the report and the text of it. */
interface Action {
  /** The report's name for it. */
  readonly operation: string;
  readonly run: (opened: OpenQueue) => Promise<{ readonly report: unknown; readonly text: string }>;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  status: {
    operation: "queue-status",
    run: async ({ queue }) => {
      const report = await checkQueue({ queue, clock: createNodeClock() });
      return { report, text: renderQueueStatus(report) };
    },
  },
  retry: {
    operation: "retry-dead-letters",
    run: async (opened) => {
      const report = await retryDeadLetters(opened);
      return { report, text: renderDeadLetters(report) };
    },
  },
  drop: {
    operation: "drop-dead-letters",
    run: async (opened) => {
      const report = await dropDeadLetters(opened);
      return { report, text: renderDeadLetters(report) };
    },
  },
};

/** Adds `jobs`. */
export function addJobsCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  cli.command("jobs [action]", "Show what is queued and what failed (status, retry, drop)")
    .option("--yes", "drop: discard the dead letters without a question")
    .option("--format <format>", "Write the report as table or json (default: table)")
    .example("  $ ipcascade jobs")
    .example("  $ ipcascade jobs retry")
    .example("  $ ipcascade jobs drop --yes")
    .action((action: unknown, flags: Record<string, unknown>) =>
      run(([name = "status"], raw) => runAction(name, raw, context))(
        action === undefined ? [] : [action],
        flags,
      )
    );
}

async function runAction(name: string, flags: RawFlags, context: CliContext): Promise<number> {
  const action = pickAction("jobs", name, ACTIONS);
  const isSure = readSwitch(flags, "yes");
  if (isSure && name !== "drop") throw new UsageError(`Cannot use --yes with jobs ${name}`);
  if (!isSure && name === "drop") {
    throw new UsageError(
      "Cannot discard the dead letters: give --yes, their addresses are not kept elsewhere",
    );
  }
  readReportFormat(flags);
  try {
    await using opened = await openQueue(context.settings, context.log);
    const { report, text } = await action.run(opened);
    await writeReport(report, () => text, flags, context);
    return EXIT.done;
  } catch (error) {
    await writeFailure({ operation: action.operation }, error, flags, context);
    throw error;
  }
}
