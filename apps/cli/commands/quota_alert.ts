import { type JobCounts, MS_PER_SECOND, StoreError } from "@ipcascade/core";
import {
  type AlertReport,
  checkQuota,
  inLimitedTime,
  observeQuota,
  openWhenFree,
  type QuotaReport,
  reportUnknownQuota,
  sendAlerts,
  TimeLimitError,
} from "@ipcascade/operations";
import { createAlertDeps, createNodeClock, type OpenQuota, openQuota } from "@ipcascade/platform";
import { renderAlertReport, renderQuota } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import type { RawFlags } from "../flags.ts";
import { tellUnconfigured } from "./alerts.ts";
import { closeInTime } from "./close_in_time.ts";
import { recorded } from "./recorded.ts";
import { writeReport } from "./report.ts";
import { withStopSignals } from "./stop.ts";
import { type TimedWork, withinTime } from "./within_time.ts";

/** A database that hangs must not keep the alert from being sent. */
const CHECK_LIMIT_MS = 30 * MS_PER_SECOND;
/** A process that uses the embedded database for so long does more than look. */
const LOCK_LIMIT_MS = 20 * MS_PER_SECOND;

/** What was found out, and what made it fail. */
interface Check {
  readonly report: QuotaReport;
  /** Null where the database can't be opened. */
  readonly opened: OpenQuota | null;
  /** Ends the command as without alerts; null where it ends well. */
  readonly error: unknown;
}

/** `quota --alert`: checks, tells people, and ends as the check alone does (runbook: Quota Monitoring). */
export async function checkQuotaWithAlerts(flags: RawFlags, context: CliContext): Promise<number> {
  const deps = createAlertDeps(context.settings, context.log);
  return await withStopSignals(
    context,
    (signals) =>
      recorded("check-quota", { context, signals }, async () => {
        const looked = await checkUntilStopped(context, signals.stop);
        if (looked.isStopped) return { status: EXIT.done };
        const check = looked.value;
        let counts: JobCounts = {};
        try {
          const states = check.opened?.alertStates ?? null;
          const alerts = await sendAlerts({ ...deps, states }, [observeQuota(check.report)]);
          // Alerts first: they must go out also where nobody reads the page.
          await writeCheck(check.report, alerts, { flags, context });
          counts = countAlerts(alerts);
        } finally {
          await closeInTime(check.opened);
        }
        if (check.error !== null) throw check.error;
        return { status: EXIT.done, counts, message: check.report.message };
      }),
    "finishing what was begun",
  );
}

function countAlerts({ sent, reminded, recovered, failed }: AlertReport): JobCounts {
  return { sent, reminded, recovered, failed };
}

async function writeCheck(
  report: QuotaReport,
  alerts: AlertReport,
  { flags, context }: { readonly flags: RawFlags; readonly context: CliContext },
): Promise<void> {
  const render = () => renderQuota(report) + renderAlertReport(alerts);
  await writeReport({ ...report, alerts }, render, flags, context);
  if (alerts.status === "off") tellUnconfigured(context);
}

/** A look that is stopped is given up: nobody is told of what it might have found. */
async function checkUntilStopped(context: CliContext, stop: AbortSignal): Promise<TimedWork<Check>> {
  const limits = { clock: createNodeClock(), limitMs: 3 * CHECK_LIMIT_MS, stop };
  return await withinTime(() => checkInTime(context), limits);
}

async function checkInTime({ settings, log }: CliContext): Promise<Check> {
  const clock = createNodeClock();
  const options = { refreshShare: settings.greynoiseRefreshShare };
  const limit = { clock, limitMs: CHECK_LIMIT_MS };
  let opened: OpenQuota | null = null;
  try {
    const open = () => openWhenFree(() => openQuota(settings, log), { clock, limitMs: LOCK_LIMIT_MS });
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
