import type { Migration } from "./migration.ts";

const key = `alter table job_run add column request_key text check (request_key ~ '^[0-9a-f]{64}$')`;
const byKey =
  `create unique index job_run_request on job_run (job, request_key) where request_key is not null`;
// Few runs have no end, whatever the years: those under way, and those that were killed.
const open = `create index job_run_open on job_run (job) where ended_at is null`;

/** What tells a request for a run that was sent twice, and which runs are under way. */
export const jobRequests: Migration = {
  version: 13,
  name: "job requests",
  statements: [key, byKey, open],
};
