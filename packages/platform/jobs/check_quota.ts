import { type Log, MS_PER_SECOND, StoreError } from "@ipcascade/core";
import {
  type AlertReport,
  checkQuota,
  endOfQuotaCheck,
  inLimitedTime,
  observeQuota,
  openWhenFree,
  type QuotaReport,
  reportUnknownQuota,
  sendAlerts,
  STOPPED_ENDING,
  type TimedWork,
  TimeLimitError,
  withinTime,
} from "@ipcascade/operations";
import { closeInTime } from "../close_in_time.ts";
import { createNodeClock } from "../node_clock.ts";
import { createAlertDeps } from "../open_alerts.ts";
import type { BorrowOptions } from "../open_database.ts";
import { type OpenQuota, openQuota } from "../open_quota.ts";
import type { Settings } from "../settings.ts";
import type { JobWork } from "./job_context.ts";

/** A database that hangs must not keep the alert from being sent. */
const CHECK_LIMIT_MS = 30 * MS_PER_SECOND;
/** A process that uses the embedded database for so long does more than look. */
const LOCK_LIMIT_MS = 20 * MS_PER_SECOND;

/** Who checks the quota. */
export interface QuotaTelling extends BorrowOptions {
  readonly settings: Settings;
  readonly log: Log;
  readonly stop: AbortSignal;
}

/** What was found, and what was told of it. */
export interface ToldQuota {
  readonly report: QuotaReport;
  readonly alerts: AlertReport;
  /** Why nothing is known; null where it is. What was told does not make up for it. */
  readonly error: unknown;
}

/** The job `check-quota`. Throws why nothing is known, after telling it. */
export const checkQuotaJob: JobWork<"check-quota"> = async (context) => {
  const told = await checkQuotaAndTell(context);
  if (told.isStopped) return { ...STOPPED_ENDING, report: null };
  const { report, alerts, error } = told.value;
  if (error !== null) throw error;
  return { ...endOfQuotaCheck(report, alerts), report: { ...report, alerts } };
};

/**
 * Checks the quota and tells people what changed (runbook: Quota Monitoring). A look that is stopped is given up:
 * nobody is told of what it might have found.
 */
export async function checkQuotaAndTell(options: QuotaTelling): Promise<TimedWork<ToldQuota>> {
  const deps = createAlertDeps(options.settings, options.log, options.clock);
  const limits = {
    clock: options.clock ?? createNodeClock(),
    limitMs: 3 * CHECK_LIMIT_MS,
    stop: options.stop,
  };
  const looked = await withinTime(() => checkInTime(options), limits);
  if (looked.isStopped) return looked;
  const { report, opened, error } = looked.value;
  try {
    const states = opened?.alertStates ?? null;
    const alerts = await sendAlerts({ ...deps, states }, [observeQuota(report)]);
    return { isStopped: false, value: { report, alerts, error } };
  } finally {
    await closeInTime(opened);
  }
}

interface Check {
  readonly report: QuotaReport;
  /** Null where the database can't be opened. */
  readonly opened: OpenQuota | null;
  readonly error: unknown;
}

async function checkInTime(
  { settings, log, database, clock = createNodeClock() }: QuotaTelling,
): Promise<Check> {
  const options = { refreshShare: settings.greynoiseRefreshShare };
  const limit = { clock, limitMs: CHECK_LIMIT_MS };
  let opened: OpenQuota | null = null;
  try {
    const open = () =>
      openWhenFree(() => openQuota(settings, log, { database, clock }), { clock, limitMs: LOCK_LIMIT_MS });
    opened = await inLimitedTime(open, limit);
    const { deps } = opened;
    const report = await inLimitedTime(() => checkQuota(deps, options), limit);
    return { report, opened, error: report.error === null ? null : new StoreError(report.error.message) };
  } catch (thrown) {
    const isLate = thrown instanceof TimeLimitError;
    const error = isLate ? new StoreError(`Cannot use the database: ${thrown.message}`) : thrown;
    // A memory in a database that hangs would hang as well.
    if (isLate) await closeInTime(opened);
    return {
      report: reportUnknownQuota(error, clock.now(), options),
      opened: isLate ? null : opened,
      error,
    };
  }
}
