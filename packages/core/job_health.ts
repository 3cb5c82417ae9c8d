import { formatMinute, MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND } from "./clock.ts";
import type { Grade } from "./grade.ts";
import type { JobName } from "./job.ts";
import { type JobRun, jobRunState } from "./job_run.ts";

/** How long after its tick a job may still begin: timers wait for locks, machines boot. */
export const JOB_GRACE_MS: number = MS_PER_HOUR;
/** Clocks of two machines may differ by so much: a run that began just before its tick is the tick's. */
const CLOCK_SLACK_MS = MS_PER_MINUTE;

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
  /** Before this instant nothing can have run. */
  readonly firstAt: number;
  readonly latest: JobRun | null;
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
    | "failed"
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
  const fault = facts.job === "check-health" ? null : findFault(facts, latest, now);
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
  // Nothing here starts jobs by their schedules: those say when somebody else should.
  const message = `has not run yet, nor is it late: ${schedule} (UTC) is when a timer should start it`;
  return { grade: "info", state: "not_due", message };
}

function findLateness({ tickAt, firstAt, latest, schedule }: JobFacts, now: number): JobFinding | null {
  if (tickAt === null || tickAt <= firstAt) return null;
  if (latest !== null && latest.startedAt >= tickAt - CLOCK_SLACK_MS) return null;
  const tick = formatMinute(tickAt);
  if (latest === null) {
    const message = `never ran, though it was due at ${tick} (${schedule}): does a timer run?`;
    return { grade: "warning", state: "never_ran", message };
  }
  const message = `is late: due at ${tick} (${schedule}), last begun ${
    describeAge(now - latest.startedAt)
  } ago`;
  return { grade: "warning", state: "late", message };
}

function findFault(facts: JobFacts, latest: JobRun, now: number): JobFinding | null {
  const at = formatMinute(latest.startedAt);
  switch (jobRunState(latest, now)) {
    case "failed": {
      const why = latest.error === null ? "" : `: ${latest.error.message}`;
      return { grade: "warning", state: "failed", message: `failed at ${at}${why}` };
    }
    case "lost": {
      const seen = formatMinute(latest.seenAt);
      const message = `was killed, or its machine is gone: begun at ${at}, last seen at ${seen}`;
      return { grade: "warning", state: "lost", message };
    }
    case "succeeded":
      return findHaste(facts, latest);
    default:
      return null;
  }
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
      return { grade: "ok", state, message: `runs since ${formatMinute(latest.startedAt)}` };
    case "partly_failed":
      return { grade: "info", state, message: `partly failed ${began}` };
    case "stopped":
      return { grade: "info", state, message: `was stopped ${began}` };
    case "skipped":
      return { grade: "info", state, message: `was skipped ${began}` };
    case "failed":
    case "lost":
    case "succeeded":
      // Of a job whose faults don't count, its end is enough.
      return { grade: "ok", state: "succeeded", message: `done ${began}` };
  }
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

function describeAge(ms: number): string {
  if (ms >= 2 * MS_PER_DAY) return `${Math.floor(ms / MS_PER_DAY)} d`;
  if (ms >= MS_PER_HOUR) return `${Math.floor(ms / MS_PER_HOUR)} h`;
  return `${Math.max(0, Math.floor(ms / MS_PER_MINUTE))} min`;
}
