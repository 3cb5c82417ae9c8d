import type { Clock, Log } from "@ipcascade/core";
import type { Operations } from "@ipcascade/operations";
import { type Cascade, connectCascade } from "./compose.ts";
import { createNodeClock } from "./node_clock.ts";
import { wireAddresses } from "./operations_addresses.ts";
import { wireJobs } from "./operations_jobs.ts";
import { wireReports } from "./operations_reports.ts";
import type { Settings } from "./settings.ts";
import { createSharedDatabase, type SharedDatabase } from "./shared_database.ts";

/** Every operation on one database and one pair of editions; dispose it to end what runs and give them back. */
export interface OpenOperations extends Operations, AsyncDisposable {}

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
}

/**
 * Wires every operation for a process that stays open. The editions are read; the database is opened with the first
 * statement, and one that is away is tried again with later ones.
 */
export async function openOperations(
  settings: Settings,
  log: Log,
  { version }: OpenOperationsOptions,
): Promise<OpenOperations> {
  const clock = createNodeClock();
  const shared = createSharedDatabase(settings, log, clock);
  const cascade = await connectCascade(shared, settings, log, "enrich");
  const parts: OperationParts = { settings, log, clock, shared, cascade, version };
  const jobs = wireJobs(parts);
  return {
    clock,
    log,
    ...wireAddresses(parts),
    ...wireReports(parts),
    ...jobs.operations,
    [Symbol.asyncDispose]: async () => {
      await jobs.close();
      await cascade[Symbol.asyncDispose]();
      await shared[Symbol.asyncDispose]();
    },
  };
}
