import { type Clock, type DiskSpace, formatInstant, type Metric, MS_PER_SECOND } from "@ipcascade/core";
import type { EditionStatusReport } from "../editions/mod.ts";
import type { HealthReport } from "../health/mod.ts";
import { inLimitedTime } from "../limited_time.ts";
import { type BackupFigures, describeBackups } from "./backup_metrics.ts";
import { type DatabaseFigures, describeDatabase } from "./database_figures.ts";
import { describeEditions } from "./edition_metrics.ts";
import { describeHealth } from "./health_metrics.ts";
import { type CountedInventory, describeInventory } from "./inventory_metrics.ts";
import { describeJobs, describeSchedulers } from "./job_metrics.ts";
import { describeDisk, describeProcess, type ProcessFigures } from "./process_metrics.ts";
import type { RequestMeter } from "./request_meter.ts";
import { describeCircuits, describeQuotas } from "./source_metrics.ts";

/** The report on everything that is measured, for monitoring systems. */
export interface MetricsReport {
  readonly operation: "measure";
  readonly measured_at: string;
  readonly metrics: readonly Metric[];
}

/** What is dear to read, as it was known last; null before it was read. Asking never waits. */
export interface KnownFigures {
  inventory(): CountedInventory | null;
  editions(): EditionStatusReport | null;
  backups(): BackupFigures | null;
  health(): HealthReport | null;
}

/** What measuring needs. */
export interface MeasureDeps {
  readonly clock: Clock;
  readonly version: string;
  readonly process: () => ProcessFigures;
  readonly requests: Pick<RequestMeter, "read">;
  readonly known: KnownFigures;
  /** Gives the milliseconds that one short statement took. Throws when the database does not answer. */
  readonly ping: () => Promise<number>;
  /** Throws when they can't be read. */
  readonly readDatabase: () => Promise<DatabaseFigures>;
  /** Throws when it can't be told. */
  readonly readSpace: () => Promise<DiskSpace>;
}

/** How long whatever does not answer is waited for. */
const LIMIT_MS = MS_PER_SECOND;

/** Measures everything. Never throws: what can't be had in a second is left out. */
export async function measure(deps: MeasureDeps): Promise<MetricsReport> {
  const { clock, known, version } = deps;
  const [latencyMs, database, space] = await Promise.all([
    orNull(deps.ping, clock),
    orNull(deps.readDatabase, clock),
    orNull(deps.readSpace, clock),
  ]);
  const now = clock.now();
  return {
    operation: "measure",
    measured_at: formatInstant(now),
    metrics: [
      ...describeProcess(deps.process(), version),
      ...describeDisk(space),
      ...describeDatabase(latencyMs, database),
      ...describeHealth(known.health()),
      ...describeEditions(known.editions()),
      ...describeInventory(known.inventory()),
      ...describeQuotas(database?.quotas ?? []),
      ...describeCircuits(database?.circuits ?? [], now),
      ...deps.requests.read(),
      ...describeJobs(database?.jobs ?? null, now),
      ...describeSchedulers(database?.jobs.scheduler ?? null),
      ...describeBackups(known.backups(), database?.jobs.latest ?? []),
    ],
  };
}

async function orNull<T>(read: () => Promise<T>, clock: Clock): Promise<T | null> {
  return await inLimitedTime(read, { clock, limitMs: LIMIT_MS }).catch(() => null);
}
