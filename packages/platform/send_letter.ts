import { type Clock, MS_PER_SECOND, NotifierError } from "@ipcascade/core";
import { inLimitedTime, type MailEnd, reportError, TimeLimitError } from "@ipcascade/operations";
import type { Letter, Mailer } from "./mailer.ts";

/** A page with charts is some hundred kilobytes. */
const MAIL_LIMIT_MS = 60 * MS_PER_SECOND;

/** What a report is mailed with. */
export interface MailTools {
  readonly mailer: Mailer;
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

/** Sends a letter, and tells how that ended: a mail server that fails or hangs is no reason to throw. */
export async function sendLetter(
  letter: Omit<Letter, "at">,
  { mailer, clock, stop }: MailTools,
): Promise<MailEnd> {
  const stamped = { ...letter, at: clock.now() };
  try {
    const send = (signal: AbortSignal) => mailer.send(stamped, AbortSignal.any([signal, stop]));
    return describeRefused(await inLimitedTime(send, { clock, limitMs: MAIL_LIMIT_MS }));
  } catch (error) {
    if (error instanceof NotifierError) return { status: "failed", error: reportError(error) };
    if (!(error instanceof TimeLimitError)) throw error;
    return { status: "failed", error: { code: "MAIL_LATE", message: `Cannot send mail: ${error.message}` } };
  }
}

/** Recipients that the server refused while it took others. */
function describeRefused(refused: readonly string[]): MailEnd {
  if (refused.length === 0) return { status: "sent", error: null };
  const message = `The mail server refuses ${refused.join(", ")}; the other recipients get the report`;
  return { status: "partly_failed", error: { code: "RECIPIENTS_REFUSED", message } };
}
