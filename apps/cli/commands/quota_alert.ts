import { type AlertReport, endOfQuotaCheck, type QuotaReport } from "@ipcascade/operations";
import { checkQuotaAndTell } from "@ipcascade/platform";
import { renderAlertReport, renderQuota } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import type { RawFlags } from "../flags.ts";
import { tellUnconfigured } from "./alerts.ts";
import { recorded } from "./recorded.ts";
import { writeReport } from "./report.ts";
import { withStopSignals } from "./stop.ts";

/** `quota --alert`: checks, tells people, and ends as the check alone does (runbook: Quota Monitoring). */
export async function checkQuotaWithAlerts(flags: RawFlags, context: CliContext): Promise<number> {
  const { settings, log } = context;
  return await withStopSignals(
    context,
    (signals) =>
      recorded("check-quota", { context, signals }, async ({ stop }) => {
        const told = await checkQuotaAndTell({ settings, log, stop });
        if (told.isStopped) return { status: EXIT.done };
        const { report, alerts, error } = told.value;
        // Alerts are out: they must be also where nobody reads the page.
        await writeCheck(report, alerts, { flags, context });
        if (error !== null) throw error;
        return { status: EXIT.done, ...endOfQuotaCheck(report, alerts) };
      }),
    "finishing what was begun",
  );
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
