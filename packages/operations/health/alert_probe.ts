import {
  type AlertRecord,
  type Clock,
  describeCheck,
  type ExpectedCheck,
  type HealthCheck,
  MS_PER_DAY,
} from "@ipcascade/core";
import { createStoreProbe, DATABASE_PAGE, type HealthDatabase } from "./database.ts";
import type { HealthProbe } from "./probe.ts";

const ALERTS: ExpectedCheck = { name: "alerts", group: "system", fix: DATABASE_PAGE };
const ALERTS_PAGE = "docs/alerts.md";
const TEST = "ipcascade alerts test";

/** More than there are keys. */
const MAX_RECORDS = 1_000;

/** What was not looked at for so long is not tried again: whether it was told says nothing of now. */
const MAX_AGE_MS = 2 * MS_PER_DAY;

/** What looking at alerts needs. */
export interface AlertProbeDeps {
  readonly database: HealthDatabase;
  readonly clock: Clock;
  /** Names of the notifiers that are configured, such as `mail`. */
  readonly notifiers: readonly string[];
}

/** Whether anybody is told of faults, and whether telling works. Sends nothing. */
export function createAlertProbe({ database, clock, notifiers }: AlertProbeDeps): HealthProbe {
  if (notifiers.length === 0) return { expected: [ALERTS], run: () => Promise.resolve([NOBODY]) };
  return createStoreProbe(database, [ALERTS], async ({ alerts }) => {
    const records = await alerts.list(MAX_RECORDS);
    const untold = records.filter((record) =>
      notifiers.includes(record.notifier) && isUntold(record, clock.now())
    );
    return [describeAlerts(untold, notifiers)];
  });
}

const NOBODY: HealthCheck = describeCheck(ALERTS, {
  grade: "info",
  observed: "off",
  message: "no notifier is configured: nobody is told of faults",
  fix: ALERTS_PAGE,
});

/** What is well, and was never told to be otherwise, needs nobody any more. */
function isUntold({ failure, grade, toldGrade, seenAt }: AlertRecord, now: number): boolean {
  return failure !== null && now - seenAt <= MAX_AGE_MS && !(grade === "ok" && toldGrade === "ok");
}

function describeAlerts(untold: readonly AlertRecord[], notifiers: readonly string[]): HealthCheck {
  const unit = "not told";
  const [first] = untold;
  if (first === undefined) {
    return describeCheck(ALERTS, {
      grade: "ok",
      observed: 0,
      unit,
      message: `told by ${notifiers.join(", ")}`,
    });
  }
  const count = untold.length === 1 ? `"${first.key}" was not told` : `${untold.length} alerts were not told`;
  const message =
    `${count}: ${first.notifier} failed: ${first.failure}; the next check with --alert tells again`;
  return describeCheck(ALERTS, { grade: "warning", observed: untold.length, unit, message, fix: TEST });
}
