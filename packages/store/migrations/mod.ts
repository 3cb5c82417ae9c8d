import { inventory } from "./0001_inventory.ts";
import { asnTriggers } from "./0002_asn_triggers.ts";
import { quota } from "./0003_quota.ts";
import { editions } from "./0004_editions.ts";
import { refresh } from "./0005_refresh.ts";
import { quotaControl } from "./0006_quota_control.ts";
import { rates } from "./0007_rates.ts";
import { jobRuns } from "./0008_job_runs.ts";
import { alerts } from "./0009_alerts.ts";
import { coverage } from "./0010_coverage.ts";
import { requestHours } from "./0011_request_hours.ts";
import { databaseIdentity } from "./0012_database_identity.ts";
import { jobRequests } from "./0013_job_requests.ts";
import { jobTicks } from "./0014_job_ticks.ts";
import { asnCounting } from "./0015_asn_counting.ts";
import { asnCountingOnce } from "./0016_asn_counting_once.ts";
import type { Migration } from "./migration.ts";

export type { Migration } from "./migration.ts";

/** Every step of the schema, in order. */
export const MIGRATIONS: readonly Migration[] = [
  inventory,
  asnTriggers,
  quota,
  editions,
  refresh,
  quotaControl,
  rates,
  jobRuns,
  alerts,
  coverage,
  requestHours,
  databaseIdentity,
  jobRequests,
  jobTicks,
  asnCounting,
  asnCountingOnce,
];
