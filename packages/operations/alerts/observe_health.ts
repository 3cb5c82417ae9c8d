import { type AlertObservation, DATABASE_CHECK, type HealthCheck } from "@ipcascade/core";
import { type HealthReport, listChecks } from "../health/check_health.ts";
import { IN_USE } from "../health/database_probe.ts";
import { QUOTA_ALERT_KEY } from "./observe_quota.ts";

/** Checks that others tell of: the quota under its own key, and this very job, which runs. */
const QUOTA_CHECK = "greynoise_quota";
const OWN_CHECK = "job_check_health";

/** Groups whose checks read from the database; `system` has the backup among them. */
const STORED_GROUPS: ReadonlySet<HealthCheck["group"]> = new Set(["sources", "inventory", "jobs", "system"]);

/**
 * What alerts make of a check of health. When the database can't be used, that is told alone, not once for every
 * check that would have read from it. `isRemembered` is false where the database does not say what was told before:
 * then of what is bad only the critical is told, and the database, or all warnings would be told again.
 */
export function observeHealth(
  report: HealthReport,
  { isRemembered }: { readonly isRemembered: boolean },
): readonly AlertObservation[] {
  const at = Date.parse(report.checked_at);
  const checks = listChecks(report).filter(({ name }) => name !== OWN_CHECK);
  const database = checks.find(({ name }) => name === DATABASE_CHECK);
  const isAway = database?.grade === "critical" || database?.grade === "unknown";
  // The embedded database with somebody who works: no fault, but nothing can be said.
  const isBusy = database?.observed === IN_USE;
  return checks
    .filter((check) => !(isAway && isConsequence(check)))
    .filter(({ name }) => !(isBusy && name === DATABASE_CHECK))
    // Whether little lasts is for the check of the quota to tell, which foretells it.
    .filter(({ name, grade }) => !(name === QUOTA_CHECK && grade === "warning"))
    .filter(({ name, grade }) => isRemembered || name === DATABASE_CHECK || !isMinor(grade))
    .map((check) => observeCheck(check, at));
}

function isConsequence({ name, group, grade }: HealthCheck): boolean {
  return name !== DATABASE_CHECK && grade === "unknown" && STORED_GROUPS.has(group);
}

function isMinor(grade: HealthCheck["grade"]): boolean {
  return grade === "warning" || grade === "unknown";
}

function observeCheck({ name, grade, message, fix }: HealthCheck, at: number): AlertObservation {
  const key = name === QUOTA_CHECK ? QUOTA_ALERT_KEY : `health.${name}`;
  return { key, grade, title: message, message: `${name.replaceAll("_", " ")}: ${message}`, fix, at };
}
