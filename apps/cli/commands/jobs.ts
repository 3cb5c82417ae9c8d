import type { CAC } from "cac";
import { JOB_NAMES, quoteInput, UsageError } from "@ipcascade/core";
import { checkQueue, dropDeadLetters, listNextTicks, retryDeadLetters } from "@ipcascade/operations";
import { createNodeClock, nextTick, type OpenQueue, openQueue } from "@ipcascade/platform";
import { renderDeadLetters, renderNextTicks, renderQueueStatus } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RawFlags, readChoice, readInteger, readSwitch } from "../flags.ts";
import { pickAction, refuseOptions } from "./actions.ts";
import type { RunCommand } from "./command.ts";
import { readWait, runJobByName, WAIT_OPTION } from "./jobs_run.ts";
import { DEFAULT_HISTORY, listCatalogue, showHistory, type Told } from "./jobs_records.ts";
import { readReportFormat, writeFailure, writeReport } from "./report.ts";

/** What is told of the jobs, or done with the queue. */
interface Action {
  /** The report's name for it. */
  readonly operation: string;
  /** Options besides `--format`. */
  readonly options: readonly string[];
  readonly run: (context: CliContext, flags: RawFlags) => Promise<Told>;
}

const MAX_NEXT = 10_000;
const OPTIONS = { yes: "--yes", job: "--job", limit: "--limit", wait: "--wait" } as const;

const ACTIONS: Readonly<Record<string, Action>> = {
  list: { operation: "list-jobs", options: [], run: listCatalogue },
  next: { operation: "list-next-ticks", options: ["job", "limit"], run: showNext },
  history: { operation: "list-job-runs", options: ["job", "limit"], run: showHistory },
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
};

/** Adds `jobs`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const command = cli.command(
    "jobs [action] [...name]",
    "Jobs and how they stand (list, next, history, run NAME); the queue (status, retry, drop)",
  );
  command
    .option(WAIT_OPTION.flag, WAIT_OPTION.description)
    .option("--job <name>", `history, next: only this job; one of ${JOB_NAMES.join(", ")}`)
    .option(
      "--limit <n>",
      `history: runs to show (default: ${DEFAULT_HISTORY}); next: ticks in order (default: the next of each job)`,
    )
    .option("--yes", "drop: discard the dead letters without a question")
    .option("--format <format>", "Write the report as table or json (default: table)")
    .example("  $ ipcascade jobs")
    .example("  $ ipcascade jobs next --limit 5")
    .example("  $ ipcascade jobs run update-editions --wait 30m")
    .example("  $ ipcascade jobs history --job refresh-stale")
    .example("  $ ipcascade jobs status")
    .example("  $ ipcascade jobs drop --yes");
  command.action((action: unknown, rest: readonly unknown[], flags: Record<string, unknown>) =>
    run(([name = "list", ...inputs], raw) => runAction(name, inputs, raw, context))(
      action === undefined ? rest : [action, ...rest],
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

/** The settings tell it: the database is not asked. */
function showNext({ settings }: CliContext, flags: RawFlags): Promise<Told> {
  const limit = readInteger(flags, "limit", { min: 1, max: MAX_NEXT });
  const job = readChoice(flags, "job", JOB_NAMES);
  const { schedules } = settings;
  const report = listNextTicks({ schedules, clock: createNodeClock(), nextTick }, { limit, job });
  return Promise.resolve({ report, text: renderNextTicks(report) });
}

async function runAction(
  name: string,
  inputs: readonly string[],
  flags: RawFlags,
  context: CliContext,
): Promise<number> {
  if (name === "run") {
    refuseOptions("jobs run", flags, OPTIONS, ["wait"]);
    return await runJobByName(inputs, { wait: readWait(flags), flags, context });
  }
  const action = pickAction("jobs", name, ACTIONS, ["run"]);
  refuseOptions(`jobs ${name}`, flags, OPTIONS, action.options);
  if (inputs.length > 0) {
    throw new UsageError(`Cannot run jobs ${name} ${quoteInput(inputs[0]!)}: it takes no argument`);
  }
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
