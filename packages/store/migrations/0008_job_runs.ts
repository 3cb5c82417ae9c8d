import type { Migration } from "./migration.ts";

const jobRun = `create table job_run (
  id uuid primary key,
  job text not null,
  started_by text not null check (started_by in ('command', 'timer', 'http')),
  actor text not null,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  ended_at timestamptz,
  outcome text check (outcome in ('succeeded', 'partly_failed', 'failed', 'stopped', 'skipped')),
  counts jsonb not null default '{}',
  error jsonb,
  message text,
  check ((ended_at is null) = (outcome is null))
)`;

const byJob = `create index job_run_job on job_run (job, started_at desc)`;
const bySuccess =
  `create index job_run_success on job_run (job, started_at desc) where outcome = 'succeeded'`;
const byStart = `create index job_run_start on job_run (started_at desc)`;

/** Every run of every job. */
export const jobRuns: Migration = {
  version: 8,
  name: "job runs",
  statements: [jobRun, byJob, bySuccess, byStart],
};
