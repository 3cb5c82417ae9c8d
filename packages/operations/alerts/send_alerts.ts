import { type AlertObservation, formatInstant } from "@ipcascade/core";
import { type AlertReport, alertStatus } from "./alert_report.ts";
import { AlertTeller } from "./alert_teller.ts";
import type { AlertDeps } from "./deps.ts";

/**
 * Tells every notifier what changed, what is still bad after a day and what is well again. Each change is told once,
 * however many processes look. Never throws: a notifier that fails is in the report and in the log, keeps no other one
 * waiting, and is told again at the next call.
 */
export async function sendAlerts(
  deps: AlertDeps,
  observations: readonly AlertObservation[],
): Promise<AlertReport> {
  const notifiers = await Promise.all(
    deps.notifiers.map((notifier) => new AlertTeller(notifier, deps).tell(observations)),
  );
  const sum = (count: (report: (typeof notifiers)[number]) => number) =>
    notifiers.reduce((total, report) => total + count(report), 0);
  const counts = {
    sent: sum(({ sent }) => sent),
    reminded: sum(({ reminded }) => reminded),
    recovered: sum(({ recovered }) => recovered),
    suppressed: sum(({ suppressed }) => suppressed),
    elsewhere: sum(({ elsewhere }) => elsewhere),
    failed: sum(({ failed }) => failed),
  };
  return {
    operation: "send-alerts",
    status: alertStatus(counts, notifiers),
    observed: observations.length,
    ...counts,
    notifiers,
    finished_at: formatInstant(deps.clock.now()),
  };
}
