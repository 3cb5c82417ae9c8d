import { VERSION } from "@ipcascade/core";
import { endOfHealthCheck } from "@ipcascade/operations";
import { checkHealthAndTell } from "@ipcascade/platform";
import type { CliContext } from "../context.ts";
import { HEALTH_EXIT } from "../exit_status.ts";
import { tellUnconfigured } from "./alerts.ts";
import { type HealthOrder, writeHealth } from "./health_page.ts";
import { type JobWorkEnd, recorded } from "./recorded.ts";
import { withStopSignals } from "./stop.ts";

/** `health --alert`: checks, tells people what changed, and ends as the check alone does. */
export async function checkHealthWithAlerts(order: HealthOrder, context: CliContext): Promise<number> {
  return await withStopSignals(
    context,
    (signals) =>
      recorded("check-health", { context, signals }, ({ stop }) => checkAndTell(order, context, stop)),
    "finishing what was begun",
  );
}

async function checkAndTell(
  order: HealthOrder,
  context: CliContext,
  stop: AbortSignal,
): Promise<JobWorkEnd> {
  const { settings, log } = context;
  const told = await checkHealthAndTell({ ...order, settings, log, stop, version: VERSION });
  if (told.isStopped) return { status: HEALTH_EXIT.ok };
  const { report, alerts } = told.value;
  await writeHealth(report, order, context, alerts);
  if (alerts.status === "off") tellUnconfigured(context);
  return { status: HEALTH_EXIT[report.grade], ...endOfHealthCheck(report, alerts) };
}
