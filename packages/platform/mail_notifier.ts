import { hostname } from "node:os";
import { type Alert, type Log, type Notifier, NotifierError } from "@ipcascade/core";
import { renderAlertBody, renderAlertSubject } from "@ipcascade/render";
import { describeNotifierFailure } from "./notifier_failure.ts";
import { listLoginSecrets, type MailServer } from "./mail_server.ts";
import { createRedactor } from "./secrets.ts";

/** Where mail goes, and through whom. */
export interface MailNotifierOptions {
  readonly server: MailServer;
  /** Bare addresses. */
  readonly to: readonly string[];
  /** With a name before it or without; null is `ipcascade@<this machine>`. */
  readonly from: string | null;
  readonly log: Log;
}

/** Sends alerts by mail, each to all recipients in one message. */
export function createMailNotifier(options: MailNotifierOptions): Notifier {
  const { server, to, log } = options;
  const from = options.from ?? `ipcascade@${hostname()}`;
  const redact = createRedactor(listLoginSecrets(server));
  return {
    name: "mail",
    send: async (alert, signal) => {
      try {
        const message = await composeMail(alert, { from, to });
        // Loaded when it is needed: most commands send no mail.
        const { sendMail } = await import("./send_mail.ts");
        const refused = await sendMail(server, { from: bareAddress(from), to, message }, signal);
        for (const recipient of refused) log.warn("Mail server refuses a recipient", { recipient });
      } catch (error) {
        const reason = redact(describeNotifierFailure(error));
        throw new NotifierError(`Cannot send mail through ${server.host}:${server.port}: ${reason}`);
      }
    },
  };
}

async function composeMail(
  alert: Alert,
  { from, to }: { readonly from: string; readonly to: readonly string[] },
): Promise<Uint8Array> {
  const { default: MailComposer } = await import("nodemailer/lib/mail-composer");
  const composer = new MailComposer({
    from,
    to: [...to],
    date: new Date(alert.at),
    subject: renderAlertSubject(alert),
    text: renderAlertBody(alert),
    // Keeps absence notes and mailing lists from answering (RFC 3834).
    headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return await composer.compile().build();
}

function bareAddress(address: string): string {
  return /<([^<>]+)>$/.exec(address)?.[1] ?? address;
}
