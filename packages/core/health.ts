import { MS_PER_DAY, MS_PER_HOUR } from "./clock.ts";
import { type Grade, GRADES } from "./grade.ts";

/** What a check is about, in the order in which pages show it. */
export const HEALTH_GROUPS = ["editions", "sources", "inventory", "jobs", "system", "providers"] as const;
/** One of the groups. */
export type HealthGroup = (typeof HEALTH_GROUPS)[number];

/** From where on an observed value is worth a grade; the limit itself is still good. */
export type HealthLimit = { readonly above: number } | { readonly below: number };

/** The result of one check. */
export interface HealthCheck {
  /** Short and stable, such as `edition_city` or `job_back_up`. */
  readonly name: string;
  readonly group: HealthGroup;
  readonly grade: Grade;
  /** What was measured; null where nothing could be. */
  readonly observed: number | string | null;
  /** Of `observed`, such as `ms`, `%` or `d`; null where it has none. */
  readonly unit: string | null;
  /** Null where no value is a warning. */
  readonly warning: HealthLimit | null;
  /** Null where no value is critical. */
  readonly critical: HealthLimit | null;
  /** The largest value that `observed` can have; null where there is none. */
  readonly max: number | null;
  /** One sentence. */
  readonly message: string;
  /** The command that mends it, or the page of the documentation that says how; null when it is `ok`. */
  readonly fix: string | null;
}

/** What a check says of itself before it looks, and what is said of it when it finds nothing out. */
export interface ExpectedCheck {
  readonly name: string;
  readonly group: HealthGroup;
  /** Where to look when nothing can be found out. */
  readonly fix: string;
}

/** A check with what it found; what is not given is null. */
export function describeCheck(
  { name, group }: Pick<ExpectedCheck, "name" | "group">,
  found: Pick<HealthCheck, "grade" | "message"> & Partial<HealthCheck>,
): HealthCheck {
  const nothing = { observed: null, unit: null, warning: null, critical: null, max: null, fix: null };
  return { ...nothing, ...found, name, group };
}

/** A check that found nothing out, and why in one sentence. */
export function unknownCheck(expected: ExpectedCheck, message: string): HealthCheck {
  return describeCheck(expected, { grade: "unknown", message, fix: expected.fix });
}

/** Grades a value by its limits. */
export function gradeByLimits(
  value: number,
  { warning, critical }: { readonly warning: HealthLimit | null; readonly critical: HealthLimit | null },
): Extract<Grade, "ok" | "warning" | "critical"> {
  if (critical !== null && isBeyond(value, critical)) return "critical";
  return warning !== null && isBeyond(value, warning) ? "warning" : "ok";
}

function isBeyond(value: number, limit: HealthLimit): boolean {
  return "above" in limit ? value > limit.above : value < limit.below;
}

/** Percent of the addresses with an ASN below which coverage is worth a grade (runbook: Morning Health Check). */
export const COVERAGE_PERCENT = { warning: 95, critical: 90 } as const;

/** Grades how many of `total` addresses are `covered`; an empty inventory is no fault. Counts, not rounded shares. */
export function gradeCoverage(
  covered: number,
  total: number,
): Extract<Grade, "ok" | "info" | "warning" | "critical"> {
  if (total === 0) return "info";
  if (covered * 100 < total * COVERAGE_PERCENT.critical) return "critical";
  return covered * 100 < total * COVERAGE_PERCENT.warning ? "warning" : "ok";
}

/** Hours since the newest backup above which it is worth a grade. Backups are made daily (runbook: Backup). */
export const BACKUP_AGE_HOURS = { warning: 48, critical: 7 * 24 } as const;

/**
 * Grades the newest backup by when it was made; null is none at all, which is no fault of a database that is younger
 * than a backup may be old.
 */
export function gradeBackup(
  madeAt: number | null,
  { now, firstAt }: { readonly now: number; readonly firstAt: number },
): Extract<Grade, "ok" | "info" | "warning" | "critical"> {
  if (madeAt === null) return now - firstAt > BACKUP_AGE_HOURS.warning * MS_PER_HOUR ? "warning" : "info";
  const age = now - madeAt;
  if (age > BACKUP_AGE_HOURS.critical * MS_PER_HOUR) return "critical";
  return age > BACKUP_AGE_HOURS.warning * MS_PER_HOUR ? "warning" : "ok";
}

/** Free space in bytes below which a disk of so many bytes is worth a grade. */
export function diskLimits(totalBytes: number): { readonly warning: number; readonly critical: number } {
  // A disk that is smaller than these sizes is not full for that.
  return {
    warning: Math.min(Math.max(0.1 * totalBytes, 1_000_000_000), 0.5 * totalBytes),
    critical: Math.min(Math.max(0.03 * totalBytes, 200_000_000), 0.2 * totalBytes),
  };
}

/** Milliseconds above which one short statement is worth a warning: every batch has dozens of them. */
export const DATABASE_LATENCY_MS = 500;

/** Whole days of a duration, for people. */
export function wholeDays(ms: number): number {
  return Math.floor(Math.max(0, ms) / MS_PER_DAY);
}

/** How a service stands, in the words of health+json (draft-inadarei-api-health-check). */
export type HealthStatus = "pass" | "warn" | "fail";

/** The status of a grade. What is not known is a failure: nobody may rely on it. */
export function healthStatus(grade: Grade): HealthStatus {
  if (grade === "ok" || grade === "info") return "pass";
  return grade === "warning" ? "warn" : "fail";
}

/** The check on which most of the others depend. */
export const DATABASE_CHECK = "database";

/** Names of the checks that somebody has to look at, the worst first, and of the same grade the cause first. */
export function listFailing(checks: readonly Pick<HealthCheck, "name" | "grade">[]): readonly string[] {
  return checks
    .filter(({ grade }) => healthStatus(grade) !== "pass")
    .sort((a, b) => GRADES.indexOf(b.grade) - GRADES.indexOf(a.grade) || rankCause(a) - rankCause(b))
    .map(({ name }) => name);
}

function rankCause({ name }: Pick<HealthCheck, "name">): number {
  return name === DATABASE_CHECK ? 0 : 1;
}
