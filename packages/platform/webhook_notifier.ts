import { type Alert, formatInstant, type Notifier, NotifierError } from "@ipcascade/core";
import { renderAlertBody, renderAlertSubject } from "@ipcascade/render";
import { describeNotifierFailure } from "./notifier_failure.ts";
import { postText } from "./post_text.ts";
import { createUrlRedactor } from "./secrets.ts";

/** How long a post may take. */
const TIMEOUT_MS = 10_000;
/** Discord refuses longer messages. */
const MAX_CONTENT = 2_000;

/** Posts alerts as JSON that Slack, Discord and programs understand. The URL is a secret and in no message. */
export function createWebhookNotifier(url: string): Notifier {
  const { host } = new URL(url);
  const redact = createUrlRedactor(url);
  return {
    name: "webhook",
    send: async (alert, signal) => {
      const body = JSON.stringify(describeAlert(alert));
      const failure = await postText(url, {
        body,
        contentType: "application/json",
        timeoutMs: TIMEOUT_MS,
        signal,
      }).catch(describeNotifierFailure);
      if (failure === null) return null;
      throw new NotifierError(`Cannot post to the webhook at ${host}: ${redact(failure)}`);
    },
  };
}

/** `text` is what Slack shows, `content` what Discord shows; the rest is the alert, with instants in RFC 3339. */
function describeAlert(alert: Alert): unknown {
  const whole = `${renderAlertSubject(alert)}\n${renderAlertBody(alert)}`.trimEnd();
  const { kind, key, grade, previousGrade, title, message, fix, since, at, host, remark } = alert;
  return {
    text: escapeSlack(whole),
    content: whole.length <= MAX_CONTENT ? whole : `${whole.slice(0, MAX_CONTENT - 1)}…`,
    // Whatever a message quotes, it calls nobody.
    allowed_mentions: { parse: [] },
    kind,
    key,
    grade,
    previous_grade: previousGrade,
    title,
    message,
    fix,
    since: formatInstant(since),
    at: formatInstant(at),
    host,
    remark,
  };
}

/** Slack's control characters: `<!channel>` in a message would call everybody. */
function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
