import { hostname } from "node:os";
import { join } from "node:path";
import {
  type Alert,
  type AlertStates,
  type Clock,
  type JobPings,
  type LocalAlertStates,
  type Log,
  type Notifier,
  NotifierError,
} from "@ipcascade/core";
import type { AlertDeps } from "@ipcascade/operations";
import { createSqlAlertStates } from "@ipcascade/store";
import { createFileAlertStates } from "./file_alert_states.ts";
import { createJobPings } from "./job_pings.ts";
import { createMailNotifier } from "./mail_notifier.ts";
import { createMailer, type Mailer, type MailerOptions } from "./mailer.ts";
import { readMailServer } from "./mail_server.ts";
import { createNodeClock } from "./node_clock.ts";
import { type BorrowOptions, borrowOrOpen } from "./open_database.ts";
import { createRedactor } from "./secrets.ts";
import { listSecrets } from "./settings_secrets.ts";
import type { Settings } from "./settings.ts";
import { createWebhookNotifier } from "./webhook_notifier.ts";

/** What was told to whom; dispose it to give the database back. */
export interface OpenAlertStates extends AsyncDisposable {
  readonly states: AlertStates;
}

/** Opens what is remembered of alerts. Throws what `openDatabase` throws. */
export async function openAlertStates(
  settings: Settings,
  log: Log,
  { database: borrowed }: BorrowOptions = {},
): Promise<OpenAlertStates> {
  const database = await borrowOrOpen(borrowed, settings, log);
  return { states: createSqlAlertStates(database), [Symbol.asyncDispose]: () => database.close() };
}

/** Wires what alerts are sent with; nothing is connected yet. Throws `UsageError` for an SMTP_URL it can't read. */
export function createAlertDeps(
  settings: Settings,
  log: Log,
  clock: Clock = createNodeClock(),
): Omit<AlertDeps, "states"> {
  return {
    notifiers: createNotifiers(settings, log),
    local: createLocalAlertStates(settings),
    clock,
    log,
    host: hostname(),
  };
}

/** What this machine remembers of alerts while the database can't be used; nothing is opened or made yet. */
export function createLocalAlertStates({ dataDir }: Pick<Settings, "dataDir">): LocalAlertStates {
  return createFileAlertStates(join(dataDir, "alerts"));
}

/** Wires the pings around jobs; null where HC_PING_URL is not set. */
export function createSettingsPings(settings: Settings, log: Log): JobPings | null {
  const { hcPingUrl: url } = settings;
  return url === null ? null : createJobPings({ url, log, redact: createRedactor(listSecrets(settings)) });
}

/** Sends letters to those who get alerts; null where mail is not configured. */
export function createSettingsMailer(settings: Settings, log: Log): Mailer | null {
  const options = readMailerOptions(settings, log);
  return options === null ? null : createMailer(options);
}

function readMailerOptions(settings: Settings, log: Log): MailerOptions | null {
  const { smtpUrl, alertEmailTo: to, alertEmailFrom: from } = settings;
  if (smtpUrl === null || to.length === 0) return null;
  return { server: readMailServer(smtpUrl), to, from, log };
}

function createNotifiers(settings: Settings, log: Log): readonly Notifier[] {
  const { alertWebhookUrl } = settings;
  const redact = createRedactor(listSecrets(settings));
  const notifiers: Notifier[] = [];
  const mail = readMailerOptions(settings, log);
  if (mail !== null) notifiers.push(createMailNotifier(mail));
  if (alertWebhookUrl !== null) notifiers.push(createWebhookNotifier(alertWebhookUrl));
  return notifiers.map((notifier) => hidingSecrets(notifier, redact));
}

/** What a message quotes may come from anywhere, and so may what a server says of it. */
function hidingSecrets({ name, send }: Notifier, redact: (text: string) => string): Notifier {
  return {
    name,
    send: (alert: Alert, signal) => {
      const { title, message, fix } = alert;
      const hidden = {
        title: redact(title),
        message: redact(message),
        fix: fix === null ? null : redact(fix),
      };
      return send({ ...alert, ...hidden }, signal).catch((error) => {
        throw error instanceof NotifierError ? new NotifierError(redact(error.message)) : error;
      });
    },
  };
}
