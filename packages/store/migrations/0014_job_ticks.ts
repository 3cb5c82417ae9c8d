import type { Migration } from "./migration.ts";

const columns = `alter table job_run
  add column tick_at timestamptz,
  add column attempt int not null default 1 check (attempt >= 1),
  add column lease_until timestamptz`;
/** Each try of a tick is there once, however many schedulers there are. */
const byTick =
  `create unique index job_run_tick on job_run (job, tick_at desc, attempt desc) where tick_at is not null`;
const anyOutcome = `alter table job_run drop constraint job_run_outcome_check`;
const outcome = `alter table job_run add constraint job_run_outcome_check
  check (outcome in ('succeeded', 'partly_failed', 'failed', 'stopped', 'skipped', 'lost'))`;
const renamed = `update job_run set job = 'prune' where job = 'prune-editions'`;

const schedule = `create table job_schedule (
  job text primary key,
  line text,
  since timestamptz not null,
  seen_at timestamptz not null,
  seen_by text not null
)`;

/** Which tick of its schedule a run is for, how long it is under way, and which schedules are in force. */
export const jobTicks: Migration = {
  version: 14,
  name: "job ticks",
  statements: [columns, byTick, anyOutcome, outcome, renamed, schedule],
};
