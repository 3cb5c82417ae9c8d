import { describeAge } from "./age_words.ts";
import { formatMinute, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND } from "./clock.ts";
import type { Grade } from "./grade.ts";
import type { JobName } from "./job.ts";
import { isTickSettled, MAX_TICK_ATTEMPTS, TICK_MISSED } from "./job_begin.ts";
import { nextTryAt } from "./job_next_try.ts";
import { type JobRun, jobRunState } from "./job_run.ts";

/** How long after its tick a job may still begin: timers wait for locks, machines boot. */
export const JOB_GRACE_MS: number = MS_PER_HOUR;
/** Clocks of two machines may differ by so much: a run that began just before its tick is the tick's. */
const CLOCK_SLACK_MS = MS_PER_MINUTE;

/** What is to follow, such as another try, is late when it did not begin so long after it was due. */
const FOLLOW_MS = 15 * MS_PER_MINUTE;
/** A try that follows within this time may spare people the news of a failure. */
const SOON_MS = 15 * MS_PER_MINUTE;
/** A run that was made up is news for less than a day: alerts remind once a day, and this is told once. */
const NEWS_MS = 23 * MS_PER_HOUR;

/** A run is too fast below this part of the median of earlier ones. */
const FAST_SHARE = 0.1;
/** So many earlier successes make a median. */
const MIN_EARLIER = 5;
/** Jobs that never take longer than this can't be too fast. */
const MIN_MEDIAN_MS = 10 * MS_PER_SECOND;

/** Jobs that have the same work in every run. The others may find little or nothing to do. */
const STEADY_JOBS: ReadonlySet<JobName> = new Set(["back-up", "snapshot-coverage", "report-coverage"]);

/** What is known of one job. Instants are milliseconds since 1970 UTC. */
export interface JobFacts {
  readonly job: JobName;
  /** Null when it is switched off. */
  readonly schedule: string | null;
  /** The last tick of its schedule that is `JOB_GRACE_MS` ago; null when it is off, or never ticks. */
  readonly tickAt: number | null;
  /** Before this instant nothing can have run, or it was nobody's to run. */
  readonly firstAt: number;
  /** A job under way that it can't run beside; null when there is none. */
  readonly waitsFor: JobName | null;
  readonly latest: JobRun | null;
  /** True when the latest run began late only as another job was under way. */
  readonly hasWaited: boolean;
  /** True when the tick before the latest run's was not run to an end either. */
  readonly hasFailedBefore: boolean;
  /** Successful runs before the latest, in any order. */
  readonly earlier: readonly JobRun[];
}

/** How a job stands. */
export interface JobFinding {
  readonly grade: Extract<Grade, "ok" | "info" | "warning">;
  /** Short and stable. */
  readonly state:
    | "succeeded"
    | "running"
    | "off"
    | "not_due"
    | "never_ran"
    | "late"
    | "missed"
    | "made_up"
    | "waiting"
    | "retrying"
    | "failed"
    | "too_slow"
    | "partly_failed"
    | "stopped"
    | "skipped"
    | "lost"
    | "too_fast"
    | "did_nothing";
  /** One sentence. */
  readonly message: string;
}

/** Grades how a job's last run went and whether its next one is late. The first fault found is told. */
export function gradeJob(facts: JobFacts, now: number): JobFinding {
  const { latest } = facts;
  if (latest === null && facts.job === "check-health") return NOBODY_TOLD;
  const late = findLateness(facts, now);
  if (latest === null) return late ?? describeIdle(facts);
  // Its outcome is what the reader sees right now: an old one would keep it failing.
  const fault = facts.job === "check-health" ? findMiss(latest) : findFault(facts, latest, now);
  return fault ?? late ?? describeRun(latest, now);
}

/** Whoever reads this has it checked: only telling people is a job. */
const NOBODY_TOLD: JobFinding = {
  grade: "info",
  state: "not_due",
  message: "never ran with --alert: nobody is told of what is found",
};

function describeIdle({ schedule }: JobFacts): JobFinding {
  if (schedule === null) return { grade: "ok", state: "off", message: "switched off, never ran" };
  const message = `has not run yet, nor is it late: ${schedule} (UTC) is when a scheduler or cron starts it`;
  return { grade: "info", state: "not_due", message };
}

function findLateness(
  { tickAt, firstAt, latest, schedule, waitsFor }: JobFacts,
  now: number,
): JobFinding | null {
  if (tickAt === null || tickAt <= firstAt) return null;
  if (latest !== null && latest.startedAt >= tickAt - CLOCK_SLACK_MS) return null;
  const tick = formatMinute(tickAt);
  if (waitsFor !== null) {
    return { grade: "ok", state: "waiting", message: `waits since ${tick} for the end of ${waitsFor}` };
  }
  if (latest === null) {
    const message = `never ran, though it was due at ${tick} (${schedule}): nothing started it`;
    return { grade: "warning", state: "never_ran", message };
  }
  const message = `is late: due at ${tick} (${schedule}), last begun ${
    describeAge(now - latest.startedAt)
  } ago`;
  return { grade: "warning", state: "late", message };
}

function findFault(facts: JobFacts, latest: JobRun, now: number): JobFinding | null {
  const makeUp = findMakeUp(facts, latest, now);
  switch (jobRunState(latest, now)) {
    case "failed":
    case "lost":
      return describeFailure(latest, facts.schedule === null ? null : nextTryAt(latest, now), {
        makeUp,
        hasFailedBefore: facts.hasFailedBefore,
        now,
      });
    case "skipped":
      return findMiss(latest);
    case "succeeded":
      return findHaste(facts, latest) ?? makeUp;
    case "partly_failed":
      return findPart(latest) ?? makeUp;
    case "stopped":
      return findEndOfStops(latest) ?? makeUp;
    case "running":
      return makeUp;
  }
}

/** A tick whose tries were stopped as often as it is tried. */
function findEndOfStops(latest: JobRun): JobFinding | null {
  const { tickAt, attempt, startedAt } = latest;
  if (tickAt === null || !isTickSettled(latest)) return null;
  const message = `was stopped, begun at ${
    formatMinute(startedAt)
  }; it was try ${attempt} of ${MAX_TICK_ATTEMPTS}`;
  return { grade: "warning", state: "stopped", message };
}

/** A tick that nobody ran. One that is left to another process which is at it is none. */
function findMiss({ error }: JobRun): JobFinding | null {
  if (error?.code !== TICK_MISSED) return null;
  return { grade: "warning", state: "missed", message: error.message.replace(/^The/, "the") };
}

/** What failed in part with an error that is the job's own, unlike some rows of many. */
function findPart({ startedAt, error }: JobRun): JobFinding | null {
  if (error === null) return null;
  const message = `partly failed at ${formatMinute(startedAt)}: ${error.message}`;
  return { grade: "warning", state: "partly_failed", message };
}

/** A run that began long after its tick: whoever was to run it was not there. */
function findMakeUp({ hasWaited }: JobFacts, latest: JobRun, now: number): JobFinding | null {
  const { tickAt, startedAt, attempt } = latest;
  if (tickAt === null || attempt > 1 || hasWaited || startedAt - tickAt <= JOB_GRACE_MS) return null;
  if (now - startedAt >= NEWS_MS) return null;
  const began = describeBegin(latest, now);
  const message = `was made up ${began}: due at ${formatMinute(tickAt)}, and not begun for ${
    describeAge(startedAt - tickAt)
  }`;
  return { grade: "warning", state: "made_up", message };
}

function describeFailure(
  latest: JobRun,
  nextAt: number | null,
  { makeUp, hasFailedBefore, now }: Pick<JobFacts, "hasFailedBefore"> & {
    readonly makeUp: JobFinding | null;
    readonly now: number;
  },
): JobFinding {
  const { attempt, error } = latest;
  const isLost = jobRunState(latest, now) === "lost";
  const what = isLost ? describeLoss(latest) : describeError(latest);
  const isRepeated = isLost && attempt > 1;
  if (nextAt !== null && now - nextAt <= FOLLOW_MS) {
    const message = `${what}; try ${attempt + 1} of ${MAX_TICK_ATTEMPTS} follows at ${formatMinute(nextAt)}`;
    const isSoon = !isRepeated && !hasFailedBefore && nextAt - now <= SOON_MS;
    if (isSoon) return { grade: makeUp?.grade ?? "info", state: "retrying", message };
    return { grade: "warning", state: isLost ? "lost" : "failed", message };
  }
  const tried = attempt > 1 ? `; it was try ${attempt} of ${MAX_TICK_ATTEMPTS}` : "";
  const state = isLost ? "lost" : error?.code === "JOB_DEADLINE" ? "too_slow" : "failed";
  return { grade: "warning", state, message: `${what}${tried}` };
}

function describeLoss({ startedAt, seenAt }: JobRun): string {
  return `was killed, or its machine is gone: begun at ${formatMinute(startedAt)}, last seen at ${
    formatMinute(seenAt)
  }`;
}

function describeError({ startedAt, error }: JobRun): string {
  return `failed at ${formatMinute(startedAt)}${error === null ? "" : `: ${error.message}`}`;
}

/** A run that did the same as ever in a tenth of the time, or nothing where it always does something. */
function findHaste({ job, earlier }: JobFacts, latest: JobRun): JobFinding | null {
  if (earlier.length < MIN_EARLIER) return null;
  const isSteady = STEADY_JOBS.has(job);
  const usual = median(earlier.map(countWork));
  const work = countWork(latest);
  if (isSteady && work === 0 && usual > 0) {
    const message = `did nothing at ${formatMinute(latest.startedAt)}: it counted 0, and ${usual} as a rule`;
    return { grade: "warning", state: "did_nothing", message };
  }
  // A refresh with little due is fast and counts little.
  if (!isSteady && (work === 0 || work * 2 < usual)) return null;
  const usualMs = median(earlier.map(durationMs));
  const tookMs = durationMs(latest);
  if (usualMs < MIN_MEDIAN_MS || tookMs >= usualMs * FAST_SHARE) return null;
  const message = `was too fast at ${formatMinute(latest.startedAt)}: ${describeSeconds(tookMs)}, and ${
    describeSeconds(usualMs)
  } as a rule`;
  return { grade: "warning", state: "too_fast", message };
}

function describeRun(latest: JobRun, now: number): JobFinding {
  const state = jobRunState(latest, now);
  const began = describeBegin(latest, now);
  switch (state) {
    case "running":
      return {
        grade: "ok",
        state,
        message: `runs since ${formatMinute(latest.startedAt)}${describeTry(latest)}`,
      };
    case "partly_failed":
      return { grade: "info", state, message: `partly failed ${began}` };
    case "stopped":
      return { grade: "info", state, message: `was stopped ${began}${describeResumption(latest, now)}` };
    case "skipped":
      return { grade: "info", state, message: `was skipped ${began}` };
    case "failed":
    case "lost":
    case "succeeded":
      // Of a job whose faults don't count, its end is enough.
      return { grade: "ok", state: "succeeded", message: `done ${began}` };
  }
}

function describeTry({ attempt }: JobRun): string {
  return attempt === 1 ? "" : ` (try ${attempt} of ${MAX_TICK_ATTEMPTS})`;
}

function describeResumption(run: JobRun, now: number): string {
  return nextTryAt(run, now) === null ? "" : ", and goes on where a scheduler is at work";
}

function describeBegin({ startedAt }: JobRun, now: number): string {
  if (startedAt - now <= CLOCK_SLACK_MS) return `${describeAge(now - startedAt)} ago`;
  return `at ${formatMinute(startedAt)}, which is still to come: see that the clocks are right`;
}

function durationMs({ startedAt, endedAt, seenAt }: JobRun): number {
  return (endedAt ?? seenAt) - startedAt;
}

function countWork({ counts }: JobRun): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** The upper one of the middle two. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function describeSeconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
