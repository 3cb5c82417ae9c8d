import { hostname } from "node:os";
import { type Log, NotifierError } from "@ipcascade/core";
import { describeNotifierFailure } from "./notifier_failure.ts";
import { listLoginSecrets, type MailServer } from "./mail_server.ts";
import { createRedactor } from "./secrets.ts";

/** Where mail goes, and through whom. */
export interface MailerOptions {
  readonly server: MailServer;
  /** Bare addresses. */
  readonly to: readonly string[];
  /** With a name before it or without; null is `ipcascade@<this machine>`. */
  readonly from: string | null;
  readonly log: Log;
}

/** What is sent to all recipients in one message. */
export interface Letter {
  readonly subject: string;
  /** For programs that show no HTML. */
  readonly text: string;
  readonly html?: string;
  /** A page to keep: mail programs leave drawings out of what they show. */
  readonly page?: { readonly name: string; readonly html: string };
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
}

/** Sends letters by mail. */
export interface Mailer {
  /**
   * Gives the recipients that the server refused while it took others. Throws `NotifierError`, whose message holds no
   * secret.
   */
  send(letter: Letter, signal: AbortSignal): Promise<readonly string[]>;
}

/** A mailer for one server and its recipients; nothing is connected yet. */
export function createMailer(options: MailerOptions): Mailer {
  const { server, to, log } = options;
  const from = options.from ?? `ipcascade@${hostname()}`;
  const redact = createRedactor(listLoginSecrets(server));
  return {
    send: async (letter, signal) => {
      try {
        const message = await composeMail(letter, { from, to });
        // Loaded when it is needed: most commands send no mail.
        const { sendMail } = await import("./send_mail.ts");
        const refused = await sendMail(server, { from: bareAddress(from), to, message }, signal);
        for (const recipient of refused) log.warn("Mail server refuses a recipient", { recipient });
        return refused;
      } catch (error) {
        const reason = redact(describeNotifierFailure(error));
        throw new NotifierError(`Cannot send mail through ${server.host}:${server.port}: ${reason}`);
      }
    },
  };
}

async function composeMail(
  { subject, text, html, page, at }: Letter,
  { from, to }: { readonly from: string; readonly to: readonly string[] },
): Promise<Uint8Array> {
  const { default: MailComposer } = await import("nodemailer/lib/mail-composer");
  const attachments = page === undefined
    ? []
    : [{ filename: page.name, content: page.html, contentType: "text/html; charset=utf-8" }];
  const composer = new MailComposer({
    from,
    to: [...to],
    date: new Date(at),
    subject,
    text,
    html,
    attachments,
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
