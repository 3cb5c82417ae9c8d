import { formatInstant, type Notifier } from "@ipcascade/core";
import { inLimitedTime } from "../limited_time.ts";
import { describeFailure } from "./alert_teller.ts";
import { composeTest } from "./compose_alert.ts";
import { type AlertDeps, SEND_LIMIT_MS } from "./deps.ts";

/** How the test message of one notifier went. */
export interface NotifierTest {
  readonly notifier: string;
  readonly status: "sent" | "failed";
  readonly duration_ms: number;
  /** Why it was not sent; null when it was. Without secrets. */
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
  const end = (error: string | null): NotifierTest => ({
    notifier: notifier.name,
    status: error === null ? "sent" : "failed",
    duration_ms: Math.round(clock.elapsed() - startedMs),
    error,
  });
  try {
    await inLimitedTime((signal) => notifier.send(alert, signal), { clock, limitMs: SEND_LIMIT_MS });
    return end(null);
  } catch (error) {
    return end(describeFailure(error));
  }
}

function statusOf(tests: readonly NotifierTest[]): NotifierTestReport["status"] {
  if (tests.length === 0) return "off";
  const failed = tests.filter(({ status }) => status === "failed").length;
  if (failed === 0) return "done";
  return failed === tests.length ? "failed" : "partly_failed";
}
