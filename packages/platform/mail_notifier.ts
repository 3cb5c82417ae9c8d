import type { Notifier } from "@ipcascade/core";
import { renderAlertBody, renderAlertSubject } from "@ipcascade/render";
import { createMailer, type MailerOptions } from "./mailer.ts";

/** Sends alerts by mail, each to all recipients in one message. */
export function createMailNotifier(options: MailerOptions): Notifier {
  const mailer = createMailer(options);
  return {
    name: "mail",
    send: async (alert, signal) => {
      const letter = { subject: renderAlertSubject(alert), text: renderAlertBody(alert), at: alert.at };
      const refused = await mailer.send(letter, signal);
      return refused.length === 0 ? null : `the mail server refuses ${refused.join(", ")}`;
    },
  };
}
