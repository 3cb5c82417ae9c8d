import { DATABASE_CHECK, type Log, MS_PER_SECOND, type ReadDiskSpace } from "@ipcascade/core";
import {
  type AlertReport,
  checkHealth,
  endOfHealthCheck,
  HEALTH_TIMEOUT_MS,
  type HealthReport,
  inLimitedTime,
  listChecks,
  observeHealth,
  sendAlerts,
  STOPPED_ENDING,
  type TimedWork,
  withinTime,
} from "@ipcascade/operations";
import { closeInTime } from "../close_in_time.ts";
import { createNodeClock } from "../node_clock.ts";
import { createAlertDeps, type OpenAlertStates, openAlertStates } from "../open_alerts.ts";
import type { BorrowOptions } from "../open_database.ts";
import { openHealth } from "../open_health.ts";
import type { Settings } from "../settings.ts";
import type { JobWork } from "./job_context.ts";
import { mailMorningReport } from "./morning_report.ts";

/** A database that hangs must not keep the alert from being sent. */
const OPEN_LIMIT_MS = 10 * MS_PER_SECOND;

/** How health is checked, and by whom. */
export interface HealthTelling extends BorrowOptions {
  readonly settings: Settings;
  readonly log: Log;
  readonly version: string;
  /** For all checks together. */
  readonly timeoutMs: number;
  /** Whether the providers are asked, too. */
  readonly withProviders: boolean;
  /** By default of the data directory. */
  readonly readSpace?: ReadDiskSpace;
  readonly stop: AbortSignal;
}

/** What was found, and what was told of it. */
export interface ToldHealth {
  readonly report: HealthReport;
  readonly alerts: AlertReport;
}

/** The job `check-health`; its run of the morning mails the report as well. */
export const checkHealthJob: JobWork<"check-health"> = async (context) => {
  const options = { ...context, timeoutMs: HEALTH_TIMEOUT_MS, withProviders: false };
  const told = await checkHealthAndTell(options);
  if (told.isStopped) return { ...STOPPED_ENDING, report: null };
  const { report, alerts } = told.value;
  const mail = await mailMorningReport(report, context);
  return { ...endOfHealthCheck(report, alerts, mail), report: { ...report, alerts } };
};

/**
 * Checks health and tells people what changed. A look that is stopped is given up: nobody is told of what it might have
 * found.
 */
export async function checkHealthAndTell(options: HealthTelling): Promise<TimedWork<ToldHealth>> {
  const { stop, timeoutMs } = options;
  const limits = { clock: options.clock ?? createNodeClock(), limitMs: timeoutMs + OPEN_LIMIT_MS, stop };
  const checked = await withinTime(() => check(options), limits);
  if (checked.isStopped) return checked;
  const report = checked.value;
  return { isStopped: false, value: { report, alerts: await tell(report, options) } };
}

/** The database is given back before alerts need it: the embedded one is had by one at a time. */
async function check(options: HealthTelling): Promise<HealthReport> {
  await using health = await openHealth(options.settings, options.log, options);
  return await checkHealth(health.probes, health, options);
}

async function tell(report: HealthReport, options: HealthTelling): Promise<AlertReport> {
  const deps = createAlertDeps(options.settings, options.log, options.clock);
  const opened = isDatabaseUsable(report) ? await openStates(options) : null;
  try {
    const states = opened?.states ?? null;
    return await sendAlerts({ ...deps, states }, observeHealth(report, { isRemembered: states !== null }));
  } finally {
    await closeInTime(opened);
  }
}

/** What health has just waited for in vain is not waited for again. */
function isDatabaseUsable(report: HealthReport): boolean {
  const grade = listChecks(report).find(({ name }) => name === DATABASE_CHECK)?.grade;
  return grade !== "critical" && grade !== "unknown";
}

/** What was told before; null where it can't be read. */
async function openStates(
  { settings, log, database, clock = createNodeClock() }: HealthTelling,
): Promise<OpenAlertStates | null> {
  const limit = { clock, limitMs: OPEN_LIMIT_MS };
  try {
    return await inLimitedTime(() => openAlertStates(settings, log, { database }), limit);
  } catch (error) {
    log.debug("What was told before can't be read", { reason: String(error) });
    return null;
  }
}
