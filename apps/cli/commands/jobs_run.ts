import {
  formatMinute,
  JOB_NAMES,
  type JobName,
  type JobRun,
  JobRunningError,
  LockHeldError,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  MS_PER_SECOND,
  quoteInput,
  ruleOf,
  UsageError,
  VERSION,
} from "@ipcascade/core";
import { describeRun, type JobEnding, type JobReports, runJobHere } from "@ipcascade/operations";
import {
  describeOperator,
  type OpenJobRun,
  openJobRun,
  parseDuration,
  type Settings,
} from "@ipcascade/platform";
import { renderJobHistory, renderJobReport } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import type { RawFlags } from "../flags.ts";
import { statusOfEnding } from "./job_status.ts";
import { readReportFormat, writeFailure, writeReport, writeStopped } from "./report.ts";
import { type RunSignals, withStopSignals } from "./stop.ts";

/** The option that makes `jobs run` wait. */
export const WAIT_OPTION = {
  flag: "--wait [duration]",
  description:
    "run: wait for a run that is in the way, for such as 10m at most (default: the job's deadline)",
} as const;

/** What who is refused can do. */
const WAIT_HINT = "; --wait waits for it; a process that was killed holds it for 40 s more at most";

/** How `jobs run` was called. */
export interface JobRunOrder {
  /** Milliseconds; null is not at all, undefined as long as the job's deadline. */
  readonly wait: number | null | undefined;
  readonly flags: RawFlags;
  readonly context: CliContext;
}

/** Reads `--wait`. */
export function readWait({ wait }: RawFlags): JobRunOrder["wait"] {
  if (wait === undefined) return null;
  if (wait === true) return undefined;
  if (JOB_NAMES.some((name) => name === wait)) {
    throw new UsageError(
      `Cannot read --wait ${
        quoteInput(String(wait))
      }: the job's name comes first, as in jobs run ${wait} --wait`,
    );
  }
  const ms = typeof wait === "string" ? parseDuration(wait) : null;
  if (ms !== null && ms > 0) return ms;
  const read = typeof wait === "string" ? ` ${quoteInput(wait)}` : ": it was given more than once";
  throw new UsageError(`Cannot read --wait${read}: allowed are durations such as 90s, 10m or 2h, or none`);
}

/** `jobs run NAME`: runs a job in the foreground; ends as the run does. */
export async function runJobByName(inputs: readonly string[], order: JobRunOrder): Promise<number> {
  const job = readJob(inputs);
  const { flags, context } = order;
  readReportFormat(flags);
  return await withStopSignals(context, async (signals) => {
    try {
      return await runHere(job, order, signals);
    } catch (error) {
      if (signals.stop.aborted) {
        await writeStopped(job, flags, context);
        return EXIT.done;
      }
      if (error instanceof JobRunningError && order.wait === null) error.message += WAIT_HINT;
      await writeFailure({ operation: job }, error, flags, context);
      throw error;
    }
  }, "finishing what is in hand; once more gives it up");
}

function readJob(inputs: readonly string[]): JobName {
  const [name, ...others] = inputs;
  const allowed = `allowed are ${JOB_NAMES.join(", ")}`;
  if (name === undefined) throw new UsageError(`Cannot run a job without its name: ${allowed}`);
  if (others.length > 0) throw new UsageError(`Cannot run ${quoteInput(others[0]!)} as well: give one job`);
  const job = JOB_NAMES.find((one) => one === name);
  if (job === undefined) throw new UsageError(`Cannot run the job ${quoteInput(name)}: ${allowed}`);
  return job;
}

async function runHere(job: JobName, order: JobRunOrder, signals: RunSignals): Promise<number> {
  const { context, flags } = order;
  const waitMs = order.wait === undefined ? ruleOf(job).deadlineMs : order.wait;
  await using opened = await openFor(job, { waitMs, signals, context });
  const run = await runJobHere(opened, {
    job,
    actor: describeOperator(),
    signals,
    waitMs,
    onWait: (other) => context.tell(describeWait(other, waitMs ?? 0)),
  });
  switch (run.state) {
    case "stopped":
      await writeStopped(job, flags, context);
      return EXIT.done;
    case "watched":
      await writeWatched(run.run, opened, order);
      return statusOfEnding(run.run);
    case "ran":
      await writeEnding(job, run.ending, opened.report, order);
      return statusOfEnding(run.ending);
  }
}

interface Opening {
  readonly waitMs: number | null;
  readonly signals: RunSignals;
  readonly context: CliContext;
}

/** Who can't have the embedded database is told how the process that has it runs jobs. */
async function openFor(job: JobName, { waitMs, signals, context }: Opening): Promise<OpenJobRun> {
  const { settings, log } = context;
  try {
    return await openJobRun(settings, log, {
      job,
      version: VERSION,
      waitMs,
      signal: signals.stop,
      onWait: ({ message }) =>
        context.tell(`Waits up to ${formatSpan(waitMs ?? 0)} for the database: ${withoutCannot(message)}`),
      onProgress: ({ label, done, total }) => context.showProgress(label, done, total),
    });
  } catch (error) {
    if (error instanceof LockHeldError) throw new LockHeldError(describeHeld(job, error, settings));
    throw error;
  }
}

function describeHeld(job: JobName, { message }: Error, { databaseUrl }: Settings): string {
  if (databaseUrl !== null) return message;
  return `${message}; if that is "ipcascade serve", it runs the job for POST /v1/jobs/${job}/runs`;
}

function describeWait({ id, job, actor, startedAt }: JobRun, waitMs: number): string {
  const since = formatMinute(startedAt);
  return `Waits up to ${formatSpan(waitMs)} for the run "${id}" of ${job} (${actor}, since ${since})`;
}

/** Who has it, without what can't be done meanwhile. */
function withoutCannot(message: string): string {
  return message.replace(/^Cannot [^:]*: /, "");
}

/** As `--wait` takes it: `2 h`, `30 min`, `90 s`. */
function formatSpan(ms: number): string {
  if (ms % MS_PER_HOUR === 0) return `${ms / MS_PER_HOUR} h`;
  return ms % MS_PER_MINUTE === 0 ? `${ms / MS_PER_MINUTE} min` : `${ms / MS_PER_SECOND} s`;
}

async function writeEnding<Job extends JobName>(
  job: Job,
  ending: JobEnding,
  report: unknown,
  { flags, context }: JobRunOrder,
): Promise<void> {
  const { outcome, error } = ending;
  if (report !== null) {
    await writeReport(report as JobReports[Job], (one) => renderJobReport(job, one), flags, context);
  } else if (outcome === "stopped") await writeStopped(job, flags, context);
  else if (readReportFormat(flags) === "json") await writeUnreported(job, ending, context);
  if (error !== null) context.complain(error.message);
}

async function writeUnreported(
  operation: JobName,
  { outcome: status, error }: JobEnding,
  { stdout }: CliContext,
): Promise<void> {
  await stdout.write(`${JSON.stringify({ operation, status, error }, null, 2)}\n`);
}

/** The run that took the place of this one. */
async function writeWatched(
  run: JobRun,
  { clock }: OpenJobRun,
  { flags, context }: JobRunOrder,
): Promise<void> {
  const listed = describeRun(run, clock.now());
  const history = { operation: "list-job-runs", job: run.job, runs: [listed] } as const;
  await writeReport(
    { operation: "watch-job-run", run: listed },
    () => renderJobHistory(history),
    flags,
    context,
  );
  if (run.error !== null) context.complain(run.error.message);
}
