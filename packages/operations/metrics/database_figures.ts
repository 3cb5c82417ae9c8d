import {
  type Clock,
  JOB_NAMES,
  type JobSchedules,
  type QuotaStatus,
  type ScalarMetric,
  SOURCE_NAMES,
} from "@ipcascade/core";
import { describeStandings, type HealthDatabase, type HealthStores } from "../health/mod.ts";
import { readStandings } from "../jobs/job_standing.ts";
import { gauge, seconds } from "./gauge.ts";
import type { JobFigures } from "./job_metrics.ts";
import type { CircuitFigures } from "./source_metrics.ts";

/** What is read from the database with every measurement: few rows, by index. */
export interface DatabaseFigures {
  readonly schemaVersion: number;
  readonly quotas: readonly QuotaStatus[];
  readonly circuits: readonly CircuitFigures[];
  readonly jobs: JobFigures;
}

/** What reading it needs. */
export interface DatabaseFiguresDeps {
  readonly database: HealthDatabase;
  readonly clock: Clock;
  readonly schedules: JobSchedules;
  /** See `JobProbeDeps`. */
  readonly previousTick: (line: string, at: number) => number | null;
  /** See `JobProbeDeps`. */
  readonly isEmbedded?: boolean;
}

const NOTHING = { quotas: [], circuits: [], jobs: { latest: [], checks: [], scheduler: null } } as const;

/** Reads it. Throws `StoreError`. */
export async function readDatabaseFigures(deps: DatabaseFiguresDeps): Promise<DatabaseFigures> {
  const { schema, stores } = await deps.database.open();
  const schemaVersion = schema.version;
  if (stores === null || schema.version !== schema.latest) return { schemaVersion, ...NOTHING };
  const now = deps.clock.now();
  const [quota, circuits, jobs] = await Promise.all([
    stores.ledger.read("greynoise", now),
    Promise.all(
      SOURCE_NAMES.map(async (source) => ({ source, state: await stores.circuits.readCircuit(source) })),
    ),
    readJobs(stores, deps),
  ]);
  return { schemaVersion, quotas: [quota], circuits, jobs };
}

async function readJobs({ runs, timetable }: HealthStores, deps: DatabaseFiguresDeps): Promise<JobFigures> {
  const [latest, standings] = await Promise.all([
    runs.latest(),
    readStandings({ ...deps, runs, timetable }),
  ]);
  const checks = describeStandings(standings);
  const { seen, finding } = standings.scheduler;
  return {
    latest,
    checks: JOB_NAMES.map((job, index) => ({ job, check: checks[index]! })),
    scheduler: { seenAt: seen?.at ?? null, state: finding.state },
  };
}

/** Whether the database answers, how fast, and what schema it has. */
export function describeDatabase(
  latencyMs: number | null,
  figures: DatabaseFigures | null,
): readonly ScalarMetric[] {
  return [
    gauge(
      "database_up",
      "1 when the database answered this scrape within a second.",
      latencyMs === null ? 0 : 1,
    ),
    gauge(
      "database_latency_seconds",
      "How long one short statement took.",
      latencyMs === null ? null : seconds(latencyMs),
    ),
    gauge("database_schema_version", "The newest step of the schema.", figures?.schemaVersion ?? null),
  ];
}
