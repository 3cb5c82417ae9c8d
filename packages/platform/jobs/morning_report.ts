import { hostname } from "node:os";
import { MS_PER_DAY } from "@ipcascade/core";
import { type HealthReport, listChecks, type MailEnd } from "@ipcascade/operations";
import { renderHealth, renderHealthHtml } from "@ipcascade/render";
import { nextTick } from "../cron_ticks.ts";
import { createNodeClock } from "../node_clock.ts";
import { createSettingsMailer } from "../open_alerts.ts";
import { createRedactor } from "../secrets.ts";
import { sendLetter } from "../send_letter.ts";
import { listSecrets } from "../settings_secrets.ts";
import type { JobContext } from "./job_context.ts";

/** Names in the subject at most: it is read on a phone. */
const MAX_NAMES = 3;

/** True for the first tick of a day in UTC: however often health is checked, one report a day is mailed. */
export function isMorningTick(tickAt: number | null, line: string | null): boolean {
  if (tickAt === null || line === null) return false;
  const dayAt = tickAt - tickAt % MS_PER_DAY;
  return nextTick(line, dayAt - 1) === tickAt;
}

/**
 * Mails the report (runbook: Morning Health Check) where mail is configured, and this is the run for the morning's tick;
 * null where nothing is to be mailed. A mail server that fails is logged.
 */
export async function mailMorningReport(
  report: HealthReport,
  { settings, log, clock = createNodeClock(), stop, tickAt }: Pick<
    JobContext,
    "settings" | "log" | "clock" | "stop" | "tickAt"
  >,
): Promise<MailEnd | null> {
  if (!settings.morningReport || !isMorningTick(tickAt, settings.schedules["check-health"])) return null;
  const mailer = createSettingsMailer(settings, log);
  if (mailer === null) return null;
  const shown = hideSecrets(report, createRedactor(listSecrets(settings)));
  const host = hostname();
  const letter = {
    subject: describe(report, host),
    text: renderHealth(shown, { colour: false, host }),
    html: renderHealthHtml(shown, { host }),
  };
  const end = await sendLetter(letter, { mailer, clock, stop });
  if (end.error !== null) log.warn("The morning report is not mailed to all", { reason: end.error.message });
  return end;
}

function describe({ grade, failing, checked_at }: HealthReport, host: string): string {
  const names = failing.slice(0, MAX_NAMES).join(", ");
  const more = failing.length > MAX_NAMES ? ` and ${failing.length - MAX_NAMES} more` : "";
  return `[ipcascade] Health of ${host} on ${checked_at.slice(0, 10)}: ${grade}${
    names === "" ? "" : ` (${names}${more})`
  }`;
}

/** What a message quotes may come from anywhere. */
function hideSecrets(report: HealthReport, redact: (text: string) => string): HealthReport {
  const checks = listChecks(report).map(({ name }) => {
    const items = report.checks[name]!;
    return [name, items.map((item) => ({ ...item, message: redact(item.message) }))] as const;
  });
  return { ...report, checks: Object.fromEntries(checks) };
}
