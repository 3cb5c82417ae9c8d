import { formatInstant, type Notifier } from "@ipcascade/core";
import { inLimitedTime } from "../limited_time.ts";
import { describeFailure } from "./alert_teller.ts";
import { composeTest } from "./compose_alert.ts";
import { type AlertDeps, SEND_LIMIT_MS } from "./deps.ts";

/** How the test message of one notifier went. */
export interface NotifierTest {
  readonly notifier: string;
  /** `partly_sent` where not everybody gets it. */
  readonly status: "sent" | "partly_sent" | "failed";
  readonly duration_ms: number;
  /** Why it was not sent, or who does not get it; null when it was sent to all. Without secrets. */
  readonly error: string | null;
}

/** The report on trying the notifiers. Instants are RFC 3339 UTC. */
export interface NotifierTestReport {
  readonly operation: "test-notifiers";
  /** `off` where no notifier is configured. */
  readonly status: "done" | "partly_failed" | "failed" | "off";
  readonly notifiers: readonly NotifierTest[];
  readonly tested_at: string;
}

/** Sends a test message through every notifier. What is remembered of alerts stays as it is. */
export async function testNotifiers(
  deps: Pick<AlertDeps, "notifiers" | "clock" | "host">,
): Promise<NotifierTestReport> {
  const at = deps.clock.now();
  const notifiers = await Promise.all(deps.notifiers.map((notifier) => testNotifier(notifier, deps)));
  return {
    operation: "test-notifiers",
    status: statusOf(notifiers),
    notifiers,
    tested_at: formatInstant(at),
  };
}

async function testNotifier(
  notifier: Notifier,
  { clock, host }: Pick<AlertDeps, "clock" | "host">,
): Promise<NotifierTest> {
  const alert = composeTest(host, clock.now());
  const startedMs = clock.elapsed();
  const end = (status: NotifierTest["status"], error: string | null): NotifierTest => ({
    notifier: notifier.name,
    status,
    duration_ms: Math.round(clock.elapsed() - startedMs),
    error,
  });
  try {
    const limit = { clock, limitMs: SEND_LIMIT_MS };
    const refused = await inLimitedTime((signal) => notifier.send(alert, signal), limit);
    return end(refused === null ? "sent" : "partly_sent", refused);
  } catch (error) {
    return end("failed", describeFailure(error));
  }
}

function statusOf(tests: readonly NotifierTest[]): NotifierTestReport["status"] {
  if (tests.length === 0) return "off";
  if (tests.every(({ status }) => status === "sent")) return "done";
  return tests.every(({ status }) => status === "failed") ? "failed" : "partly_failed";
}
