import { DATABASE_CHECK, MS_PER_SECOND, VERSION } from "@ipcascade/core";
import {
  type AlertReport,
  checkHealth,
  type HealthReport,
  inLimitedTime,
  listChecks,
  observeHealth,
  sendAlerts,
} from "@ipcascade/operations";
import {
  createAlertDeps,
  createNodeClock,
  type OpenAlertStates,
  openAlertStates,
  openHealth,
} from "@ipcascade/platform";
import type { CliContext } from "../context.ts";
import { HEALTH_EXIT } from "../exit_status.ts";
import { tellUnconfigured } from "./alerts.ts";
import { closeInTime } from "./close_in_time.ts";
import { type HealthOrder, writeHealth } from "./health_page.ts";
import { type JobWorkEnd, recorded } from "./recorded.ts";
import { withStopSignals } from "./stop.ts";
import { withinTime } from "./within_time.ts";

/** A database that hangs must not keep the alert from being sent. */
const OPEN_LIMIT_MS = 10 * MS_PER_SECOND;

/** `health --alert`: checks, tells people what changed, and ends as the check alone does. */
export async function checkHealthWithAlerts(order: HealthOrder, context: CliContext): Promise<number> {
  return await withStopSignals(
    context,
    (signals) =>
      recorded("check-health", { context, signals }, () => checkAndTell(order, context, signals.stop)),
    "finishing what was begun",
  );
}

async function checkAndTell(
  order: HealthOrder,
  context: CliContext,
  stop: AbortSignal,
): Promise<JobWorkEnd> {
  const limits = { clock: createNodeClock(), limitMs: order.timeoutMs + OPEN_LIMIT_MS, stop };
  const checked = await withinTime(() => check(order, context), limits);
  // A look that is stopped is given up: nobody is told of what it might have found.
  if (checked.isStopped) return { status: HEALTH_EXIT.ok };
  const report = checked.value;
  const alerts = await tell(report, context);
  await writeHealth(report, order, context, alerts);
  if (alerts.status === "off") tellUnconfigured(context);
  const { sent, reminded, recovered, failed } = alerts;
  return {
    status: HEALTH_EXIT[report.grade],
    outcome: "succeeded",
    counts: { failing: report.failing.length, sent, reminded, recovered, failed },
    message: [report.grade, ...report.failing].join(", "),
  };
}

/** What health has just waited for in vain is not waited for again. */
function isDatabaseUsable(report: HealthReport): boolean {
  const grade = listChecks(report).find(({ name }) => name === DATABASE_CHECK)?.grade;
  return grade !== "critical" && grade !== "unknown";
}

/** What was told before; null where it can't be read. */
async function openStates({ settings, log }: CliContext): Promise<OpenAlertStates | null> {
  const limit = { clock: createNodeClock(), limitMs: OPEN_LIMIT_MS };
  try {
    return await inLimitedTime(() => openAlertStates(settings, log), limit);
  } catch (error) {
    log.debug("What was told before can't be read", { reason: String(error) });
    return null;
  }
}

/** The database is given back before alerts need it: the embedded one is had by one at a time. */
async function check(order: HealthOrder, { settings, log }: CliContext): Promise<HealthReport> {
  await using health = await openHealth(settings, log, order);
  return await checkHealth(health.probes, health, { ...order, version: VERSION });
}

async function tell(report: HealthReport, context: CliContext): Promise<AlertReport> {
  const deps = createAlertDeps(context.settings, context.log);
  const opened = isDatabaseUsable(report) ? await openStates(context) : null;
  try {
    const states = opened?.states ?? null;
    return await sendAlerts({ ...deps, states }, observeHealth(report, { isRemembered: states !== null }));
  } finally {
    await closeInTime(opened);
  }
}
