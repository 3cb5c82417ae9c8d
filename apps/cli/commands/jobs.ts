import type { CAC } from "cac";
import { JOB_NAMES, UsageError } from "@ipcascade/core";
import { checkQueue, dropDeadLetters, listJobRuns, retryDeadLetters } from "@ipcascade/operations";
import { createNodeClock, openJobRuns, type OpenQueue, openQueue } from "@ipcascade/platform";
import { renderDeadLetters, renderJobHistory, renderQueueStatus } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RawFlags, readChoice, readInteger, readSwitch } from "../flags.ts";
import { pickAction, refuseOptions } from "./actions.ts";
import type { RunCommand } from "./command.ts";
import { readReportFormat, writeFailure, writeReport } from "./report.ts";

/** A report, and the text of it. */
interface Told {
  readonly report: unknown;
  readonly text: string;
}

/** What is done with the queue or with the record of runs. */
interface Action {
  /** The report's name for it. */
  readonly operation: string;
  /** Options besides `--format`. */
  readonly options: readonly string[];
  readonly run: (context: CliContext, flags: RawFlags) => Promise<Told>;
}

/** Runs that `jobs history` shows when nobody says how many. */
const DEFAULT_HISTORY = 20;
const MAX_HISTORY = 10_000;
const OPTIONS = { yes: "--yes", job: "--job", limit: "--limit" } as const;

const ACTIONS: Readonly<Record<string, Action>> = {
  status: {
    operation: "queue-status",
    options: [],
    run: withQueue(async ({ queue }) => {
      const report = await checkQueue({ queue, clock: createNodeClock() });
      return { report, text: renderQueueStatus(report) };
    }),
  },
  retry: {
    operation: "retry-dead-letters",
    options: [],
    run: withQueue(async (opened) => {
      const report = await retryDeadLetters(opened);
      return { report, text: renderDeadLetters(report) };
    }),
  },
  drop: {
    operation: "drop-dead-letters",
    options: ["yes"],
    run: withQueue(async (opened) => {
      const report = await dropDeadLetters(opened);
      return { report, text: renderDeadLetters(report) };
    }),
  },
  history: { operation: "list-job-runs", options: ["job", "limit"], run: showHistory },
};

/** Adds `jobs`. */
export function addJobsCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  cli.command("jobs [action]", "What is queued and what failed (status, retry, drop), what ran (history)")
    .option("--yes", "drop: discard the dead letters without a question")
    .option("--job <name>", `history: only runs of this job; one of ${JOB_NAMES.join(", ")}`)
    .option("--limit <n>", `history: runs to show (default: ${DEFAULT_HISTORY})`)
    .option("--format <format>", "Write the report as table or json (default: table)")
    .example("  $ ipcascade jobs")
    .example("  $ ipcascade jobs retry")
    .example("  $ ipcascade jobs drop --yes")
    .example("  $ ipcascade jobs history --job refresh-stale")
    .action((action: unknown, flags: Record<string, unknown>) =>
      run(([name = "status"], raw) => runAction(name, raw, context))(
        action === undefined ? [] : [action],
        flags,
      )
    );
}

function withQueue(work: (opened: OpenQueue) => Promise<Told>): Action["run"] {
  return async ({ settings, log }) => {
    await using opened = await openQueue(settings, log);
    return await work(opened);
  };
}

async function showHistory({ settings, log }: CliContext, flags: RawFlags): Promise<Told> {
  const job = readChoice(flags, "job", JOB_NAMES);
  const limit = readInteger(flags, "limit", { min: 1, max: MAX_HISTORY }) ?? DEFAULT_HISTORY;
  await using opened = await openJobRuns(settings, log);
  const report = await listJobRuns(opened, { job, limit });
  return { report, text: renderJobHistory(report) };
}

async function runAction(name: string, flags: RawFlags, context: CliContext): Promise<number> {
  const action = pickAction("jobs", name, ACTIONS);
  refuseOptions(`jobs ${name}`, flags, OPTIONS, action.options);
  if (name === "drop" && !readSwitch(flags, "yes")) {
    throw new UsageError(
      "Cannot discard the dead letters: give --yes, their addresses are not kept elsewhere",
    );
  }
  readReportFormat(flags);
  try {
    const { report, text } = await action.run(context, flags);
    await writeReport(report, () => text, flags, context);
    return EXIT.done;
  } catch (error) {
    await writeFailure({ operation: action.operation }, error, flags, context);
    throw error;
  }
}
