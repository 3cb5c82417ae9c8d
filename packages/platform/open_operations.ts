import type { Clock, Log } from "@ipcascade/core";
import { type Operations, RequestMeter, type ScheduleOperations } from "@ipcascade/operations";
import { type Cascade, connectCascade } from "./compose.ts";
import { createNodeClock } from "./node_clock.ts";
import { wireAddresses } from "./operations_addresses.ts";
import { wireJobs } from "./operations_jobs.ts";
import { wireMetrics } from "./operations_metrics.ts";
import { wireReports } from "./operations_reports.ts";
import type { Settings } from "./settings.ts";
import { createSharedDatabase, type SharedDatabase } from "./shared_database.ts";

/** Every operation on one database and one pair of editions; dispose it to end what runs and give them back. */
export interface OpenOperations extends Operations, ScheduleOperations, AsyncDisposable {}

/** How operations are opened. */
export interface OpenOperationsOptions {
  /** Of this program. */
  readonly version: string;
}

/** What the operations are wired from. */
export interface OperationParts {
  readonly settings: Settings;
  readonly log: Log;
  readonly clock: Clock;
  readonly shared: SharedDatabase;
  readonly cascade: Cascade;
  readonly version: string;
  /** Counts what is asked of the sources; cascades that are opened beside this one record in it as well. */
  readonly requests: RequestMeter;
}

/**
 * Wires every operation for a process that stays open. The editions are read and the database is opened. A server that
 * is away is tried again with later statements; an embedded database that another process has throws `LockHeldError`.
 */
export async function openOperations(
  settings: Settings,
  log: Log,
  { version }: OpenOperationsOptions,
): Promise<OpenOperations> {
  const clock = createNodeClock();
  const shared = createSharedDatabase(settings, log, clock);
  await openShared(shared, log);
  const requests = new RequestMeter();
  const cascade = await connectCascade(shared, settings, log, { purpose: "enrich", meter: requests });
  const parts: OperationParts = { settings, log, clock, shared, cascade, version, requests };
  const reports = wireReports(parts);
  const metrics = wireMetrics(parts, reports);
  const jobs = wireJobs({ ...parts, onRunEnd: () => takeOverEditions(cascade) });
  return {
    clock,
    log,
    ...wireAddresses(parts),
    ...reports,
    ...metrics.operations,
    ...jobs.operations,
    runTick: (job) => jobs.schedule.runTick(job),
    catchUp: (options) => jobs.schedule.catchUp(options),
    settle: () => jobs.schedule.settle(),
    [Symbol.asyncDispose]: async () => {
      await jobs.close();
      await metrics.close();
      await cascade[Symbol.asyncDispose]();
      await shared[Symbol.asyncDispose]();
    },
  };
}

/** What is not there at the start may come; what somebody else has alone does not. */
async function openShared({ sql, borrowed }: SharedDatabase, log: Log): Promise<void> {
  try {
    await sql.query("select 1");
  } catch (error) {
    if (borrowed !== undefined) throw error;
    log.warn("The database is away at the start", { reason: String(error) });
  }
}

/** What a run installed serves here when the run is over, not only at the next look. */
async function takeOverEditions({ maxmind }: Pick<Cascade, "maxmind">): Promise<void> {
  // A look that was under way may have begun before the switch.
  await maxmind.check();
  await maxmind.check();
}
