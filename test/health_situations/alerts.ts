import type { HealthWorld } from "../health_world.ts";
import { nothing, query, type Situation } from "./situation.ts";

const dropAlerts = query("delete from alert_state");

/** Writes what a notifier knows of a key, as a check with `--alert` does. */
const addAlert = (notifier: string, grade: string, failure: string | null) => async (world: HealthWorld) => {
  await dropAlerts(world);
  await world.sql.query(
    `insert into alert_state (key, notifier, grade, since, seen_at, title, message, failure)
    values ('health.coverage', $1::text, $2::text, now(), now(), 'x', 'x', $3::text)`,
    [notifier, grade, failure],
  );
};

/** Alerts that were not told. */
export const ALERTS: readonly Situation[] = [
  {
    name: "nobody is told of faults",
    damage: nothing,
    env: { ALERT_WEBHOOK_URL: "" },
    check: "alerts",
    grade: "info",
    observed: "off",
    message: /no notifier is configured: nobody is told/,
    fix: "docs/alerts.md",
    mend: nothing,
  },
  {
    name: "a webhook did not take an alert",
    damage: addAlert("webhook", "warning", "the connection was refused"),
    check: "alerts",
    grade: "warning",
    observed: 1,
    message: /^"health\.coverage" was not told: webhook failed: the connection was refused; the next check/,
    fix: "ipcascade alerts test",
    mend: query("update alert_state set failure = null, told_grade = 'warning', told_at = now()"),
  },
  {
    name: "what could not be told is well again",
    damage: addAlert("webhook", "ok", "the connection was refused"),
    check: "alerts",
    grade: "ok",
    observed: 0,
    message: /^told by webhook$/,
    fix: null,
    mend: dropAlerts,
  },
  {
    name: "a notifier failed that is not configured any more",
    damage: addAlert("mail", "warning", "550 no such user"),
    check: "alerts",
    grade: "ok",
    message: /^told by webhook$/,
    fix: null,
    mend: dropAlerts,
  },
];
