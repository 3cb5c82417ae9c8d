import type { Log } from "@ipcascade/core";
import type { CoverageDeps } from "@ipcascade/operations";
import { createSqlCoverageStore, createSqlJobRuns, createSqlQuotaLedger } from "@ipcascade/store";
import { createNodeClock } from "./node_clock.ts";
import { type BorrowOptions, borrowOrOpen } from "./open_database.ts";
import type { Settings } from "./settings.ts";

/** What coverage is measured and reported with; dispose it to give the database back. */
export interface OpenCoverage extends AsyncDisposable {
  readonly deps: CoverageDeps;
}

/** Opens the inventory for measuring. No provider is asked. Throws what `openDatabase` throws. */
export async function openCoverage(
  settings: Settings,
  log: Log,
  { database: borrowed, clock = createNodeClock() }: BorrowOptions = {},
): Promise<OpenCoverage> {
  const sql = await borrowOrOpen(borrowed, settings, log);
  return {
    deps: {
      coverage: createSqlCoverageStore(sql),
      jobRuns: createSqlJobRuns(sql),
      quota: createSqlQuotaLedger({ sql, policies: { greynoise: settings.greynoiseQuota } }),
      clock,
    },
    [Symbol.asyncDispose]: () => sql.close(),
  };
}
