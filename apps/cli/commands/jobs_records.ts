import { JOB_NAMES } from "@ipcascade/core";
import { listJobRuns, listJobs } from "@ipcascade/operations";
import { nextTick, openJobRuns, previousTick } from "@ipcascade/platform";
import { renderJobHistory, renderJobList } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { type RawFlags, readChoice, readInteger } from "../flags.ts";

/** A report, and the text of it. */
export interface Told {
  readonly report: unknown;
  readonly text: string;
}

/** Runs that `jobs history` shows when nobody says how many. */
export const DEFAULT_HISTORY = 20;
const MAX_HISTORY = 10_000;

/** `jobs list`: every job, when it is due next, and how it stands. */
export async function listCatalogue({ settings, log }: CliContext): Promise<Told> {
  await using opened = await openJobRuns(settings, log);
  const { schedules, databaseUrl } = settings;
  const isEmbedded = databaseUrl === null;
  const report = await listJobs({ ...opened, schedules, isEmbedded, previousTick, nextTick });
  return { report, text: renderJobList(report) };
}

/** `jobs history`: the newest runs. */
export async function showHistory({ settings, log }: CliContext, flags: RawFlags): Promise<Told> {
  const job = readChoice(flags, "job", JOB_NAMES);
  const limit = readInteger(flags, "limit", { min: 1, max: MAX_HISTORY }) ?? DEFAULT_HISTORY;
  await using opened = await openJobRuns(settings, log);
  const report = await listJobRuns(opened, { job, limit });
  return { report, text: renderJobHistory(report) };
}
