import {
  type Clock,
  type ExpectedCheck,
  formatInstant,
  type Grade,
  type HealthCheck,
  type HealthStatus,
  healthStatus,
  listFailing,
  MS_PER_SECOND,
  unknownCheck,
  worstGrade,
} from "@ipcascade/core";
import { reportError } from "../reported_error.ts";
import type { HealthProbe } from "./probe.ts";

/** One check of a report. Names in two words are those of health+json. */
export interface HealthItem extends Omit<HealthCheck, "name" | "observed" | "unit"> {
  readonly status: HealthStatus;
  readonly observedValue: HealthCheck["observed"];
  readonly observedUnit: HealthCheck["unit"];
}

/** The report on everything (runbook: Morning Health Check), as health+json. Instants are RFC 3339 UTC. */
export interface HealthReport {
  readonly operation: "check-health";
  readonly status: HealthStatus;
  /** Of the program; absent where the caller does not say. */
  readonly version?: string;
  /** The worst of the checks' grades. */
  readonly grade: Grade;
  /** Names of the checks that are `warning`, `unknown` or `critical`, the worst first. */
  readonly failing: readonly string[];
  /** By name; health+json has a list for each, which holds one here. */
  readonly checks: Readonly<Record<string, readonly HealthItem[]>>;
  readonly checked_at: string;
  readonly duration_ms: number;
}

/** How health is checked. */
export interface HealthOptions {
  /** For all checks together; default 5 s. What takes longer is `unknown`. */
  readonly timeoutMs?: number;
  readonly version?: string;
}

/** Time for all checks when nobody says how much. */
export const HEALTH_TIMEOUT_MS: number = 5 * MS_PER_SECOND;

const LAST_WORDS_MS = 200;

/** Runs every probe at once and grades what they find within the time. Never throws for what a probe does. */
export async function checkHealth(
  probes: readonly HealthProbe[],
  { clock }: { readonly clock: Clock },
  options: HealthOptions = {},
): Promise<HealthReport> {
  const { timeoutMs = HEALTH_TIMEOUT_MS, version } = options;
  const checkedAt = clock.now();
  const startedAt = clock.elapsed();
  const stop = new AbortController();
  const timer = new AbortController();
  const timeIsUp = waitUntilLate(timeoutMs, clock, { stop, timer });
  const reason = `no answer within ${timeoutMs / MS_PER_SECOND} s`;
  try {
    const found = await Promise.all(probes.map((probe) =>
      Promise.race([
        runProbe(probe, stop.signal),
        timeIsUp.then(() => allUnknown(probe.expected, reason)),
      ])
    ));
    const durationMs = Math.round(clock.elapsed() - startedAt);
    return report(found.flat(), { version, checkedAt, durationMs });
  } finally {
    timer.abort();
  }
}

/**
 * Resolves when the time is up. The signal aborts a moment earlier: who heeds it says why, and where something kept the
 * whole program busy, such as a long statement of the embedded database, others get round to saying what they found.
 */
async function waitUntilLate(
  timeoutMs: number,
  clock: Clock,
  { stop, timer }: { readonly stop: AbortController; readonly timer: AbortController },
): Promise<void> {
  const lastMs = Math.min(LAST_WORDS_MS, timeoutMs / 2);
  // Ended by the timer's signal when every probe was in time: nobody waits for it any more.
  const never = () => new Promise<void>(() => {});
  await clock.sleep(timeoutMs - lastMs, timer.signal).catch(never);
  stop.abort(new Error("the time is up"));
  await clock.sleep(lastMs, timer.signal).catch(never);
}

async function runProbe(probe: HealthProbe, signal: AbortSignal): Promise<readonly HealthCheck[]> {
  try {
    return await probe.run(signal);
  } catch (error) {
    return allUnknown(probe.expected, `not known: ${reportError(error).message}`);
  }
}

function allUnknown(expected: readonly ExpectedCheck[], message: string): readonly HealthCheck[] {
  return expected.map((one) => unknownCheck(one, message));
}

function report(
  checks: readonly HealthCheck[],
  about: { readonly version: string | undefined; readonly checkedAt: number; readonly durationMs: number },
): HealthReport {
  const grade = worstGrade(checks.map((check) => check.grade));
  return {
    operation: "check-health",
    status: healthStatus(grade),
    ...about.version === undefined ? {} : { version: about.version },
    grade,
    failing: listFailing(checks),
    checks: Object.fromEntries(checks.map((check) => [check.name, [describeItem(check)]])),
    checked_at: formatInstant(about.checkedAt),
    duration_ms: about.durationMs,
  };
}

/** Characters of a message at most: a job's error may be of any length. */
const MAX_MESSAGE = 1_000;

function describeItem({ name: _, observed, unit, ...rest }: HealthCheck): HealthItem {
  const message = rest.message.length <= MAX_MESSAGE
    ? rest.message
    : `${rest.message.slice(0, MAX_MESSAGE - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
  return { status: healthStatus(rest.grade), observedValue: observed, observedUnit: unit, ...rest, message };
}

/** The checks of a report, in its order. */
export function listChecks(report: Pick<HealthReport, "checks">): readonly HealthCheck[] {
  return Object.entries(report.checks).flatMap(([name, items]) =>
    items.map(({ status: _, observedValue, observedUnit, ...rest }) => ({
      name,
      observed: observedValue,
      unit: observedUnit,
      ...rest,
    }))
  );
}
