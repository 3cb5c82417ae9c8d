import type { Clock, JobRuns, JobTimetable, Log } from "@ipcascade/core";
import { createSqlJobRuns, createSqlJobTimetable } from "@ipcascade/store";
import { createNodeClock } from "./node_clock.ts";
import { type BorrowOptions, borrowOrOpen } from "./open_database.ts";
import type { Settings } from "./settings.ts";

/** The record of runs, for reading; dispose it to give the database back. */
export interface OpenJobRuns extends AsyncDisposable {
  readonly runs: JobRuns;
  readonly timetable: Pick<JobTimetable, "read">;
  readonly clock: Clock;
}

/** Opens the record of runs. Throws what `openDatabase` throws. */
export async function openJobRuns(
  settings: Settings,
  log: Log,
  { database: borrowed }: BorrowOptions = {},
): Promise<OpenJobRuns> {
  const database = await borrowOrOpen(borrowed, settings, log);
  return {
    runs: createSqlJobRuns(database),
    timetable: createSqlJobTimetable(database),
    clock: createNodeClock(),
    [Symbol.asyncDispose]: () => database.close(),
  };
}
