import { z } from "@hono/zod-openapi";
import { JOB_NAMES, type JobFinding, type JobName, type SchedulerFinding } from "@ipcascade/core";
import type { JobHistoryReport, JobListReport, ListedRun } from "@ipcascade/operations";

const NAMES = JOB_NAMES as [JobName, ...JobName[]];

const instant = () => z.string().openapi({ format: "date-time", example: "2026-11-24T06:00:00.000Z" });

const JobNameSchema = z.enum(NAMES).openapi("JobName");

const JOB_STATES = [
  "succeeded",
  "running",
  "off",
  "not_due",
  "never_ran",
  "late",
  "missed",
  "made_up",
  "waiting",
  "retrying",
  "failed",
  "too_slow",
  "partly_failed",
  "stopped",
  "skipped",
  "lost",
  "too_fast",
  "did_nothing",
] as const satisfies readonly JobFinding["state"][];

const SCHEDULER_STATES = [
  "at_work",
  "away",
  "none",
  "gone",
  "replaced",
  "other_lines",
  "clock",
] as const satisfies readonly SchedulerFinding["state"][];

/** One run of a job. */
export const RunSchema = z.object({
  id: z.string().openapi({ format: "uuid", example: "0f6c1e52-8f0e-4f0e-9a8e-2f6a1f0f7a11" }),
  job: JobNameSchema,
  state: z.enum(["succeeded", "partly_failed", "failed", "stopped", "skipped", "running", "lost"]).openapi({
    description: "`lost`: it ended without saying so, as after a kill",
  }),
  started_by: z.enum(["command", "timer", "http"]),
  actor: z.string().openapi({ description: "Who ran it and where, for people", example: "root@honeypot-1" }),
  tick_at: instant().nullable().openapi({
    description: "The tick of its schedule that it is for; null where it was started otherwise",
  }),
  attempt: z.int().openapi({
    description: "1, or more where earlier runs of the same tick were lost, stopped or failed",
    example: 1,
  }),
  started_at: instant(),
  ended_at: instant().nullable().openapi({ description: "Null while it runs, and when it was lost" }),
  duration_ms: z.number().openapi({ description: "Up to its end, or to its last sign of life" }),
  counts: z.record(z.string(), z.number()).openapi({
    description: "What it counted, by name; while it runs as of its last sign of life",
    example: { installed: 2 },
  }),
  message: z.string().nullable().openapi({ description: "What it said last, for people" }),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
}).openapi("JobRun");

/** Every job. */
export const JobListSchema = z.object({
  operation: z.literal("list-jobs"),
  jobs: z.array(
    z.object({
      name: JobNameSchema,
      schedule: z.string().nullable().openapi({
        description: "Its cron line in UTC; null is off",
        example: "0 2 * * SUN",
      }),
      next_at: instant().nullable().openapi({ description: "When it ticks next" }),
      grade: z.enum(["ok", "info", "warning", "critical", "unknown"]).openapi({
        description: "How it stands, as `/v1/health` sees it",
      }),
      state: z.enum(JOB_STATES).openapi({ description: "Why it has its grade, in a word" }),
      message: z.string(),
      last_run: RunSchema.nullable().openapi({ description: "Null when it never ran" }),
      last_success_at: instant().nullable().openapi({
        description: "When the newest run began that succeeded",
      }),
    }).openapi("Job"),
  ),
  scheduler: z.object({
    grade: z.enum(["ok", "info", "warning"]),
    state: z.enum(SCHEDULER_STATES).openapi({
      description:
        "`none`: none was ever at work, jobs are started by cron or by hand; `away`: it is not seen, " +
        "and nothing was missed; `gone`: it is not seen any more, and a job that was due was not begun; `replaced`: something else starts the jobs now; `other_lines`: " +
        "it goes by other schedules than this server's settings; `clock`: it was seen in the future",
    }),
    message: z.string(),
    seen_at: instant().nullable().openapi({
      description: "When one was last at work; null when none ever was",
    }),
    seen_by: z.string().nullable().openapi({
      description: "Which one, for people",
      example: "root@honeypot-1",
    }),
  }).openapi("Scheduler", { description: "Whoever starts the jobs by their schedules" }),
}).openapi("JobList");

/** Runs of one job. */
export const RunListSchema = z.object({
  operation: z.literal("list-job-runs"),
  job: JobNameSchema.nullable(),
  runs: z.array(RunSchema).openapi({ description: "Newest first" }),
}).openapi("JobRunList");

/** What the schemas have of a report: their lists may be written to. */
type Written<Report> = Report extends readonly (infer Item)[] ? Written<Item>[]
  : Report extends object ? { -readonly [Key in keyof Report]: Written<Report[Key]> }
  : Report;

/** A report as its schema has it; nothing is copied. */
export function asWritten<Report extends JobListReport | JobHistoryReport | ListedRun>(
  report: Report,
): Written<Report> {
  return report as Written<Report>;
}
