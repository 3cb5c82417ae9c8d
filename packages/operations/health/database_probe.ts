import {
  DATABASE_CHECK,
  DATABASE_LATENCY_MS,
  describeCheck,
  type ExpectedCheck,
  gradeByLimits,
  type HealthCheck,
  LockHeldError,
} from "@ipcascade/core";
import { reportError } from "../reported_error.ts";
import { DATABASE_PAGE, type HealthDatabase, type OpenedHealthDatabase } from "./database.ts";
import type { HealthProbe } from "./probe.ts";

const DATABASE: ExpectedCheck = { name: DATABASE_CHECK, group: "system", fix: DATABASE_PAGE };

/** Whether the database answers, how fast, and whether this program can use its tables. */
export function createDatabaseProbe(database: HealthDatabase): HealthProbe {
  return {
    expected: [DATABASE],
    run: async () => [describeCheck(DATABASE, await look(database))],
  };
}

/** What is observed of an embedded database that another process has open; anything else is a number, or nothing. */
export const IN_USE = "in_use";

type Found = Pick<HealthCheck, "grade" | "message"> & Partial<HealthCheck>;

async function look(database: HealthDatabase): Promise<Found> {
  let opened: OpenedHealthDatabase;
  try {
    opened = await database.open();
  } catch (error) {
    const { message } = reportError(error);
    // Somebody works on the embedded database: no fault, but nothing can be said.
    if (error instanceof LockHeldError) {
      return { grade: "unknown", observed: IN_USE, message, fix: DATABASE_PAGE };
    }
    return { grade: "critical", message, fix: DATABASE_PAGE };
  }
  const { kind, schema, stores, obstacle } = opened;
  if (schema.problem !== null) return { grade: "critical", message: schema.problem, fix: DATABASE_PAGE };
  if (obstacle !== null) {
    return { grade: "critical", message: `${kind} can't be written: ${obstacle}`, fix: DATABASE_PAGE };
  }
  if (stores === null) {
    return { grade: "info", message: `${kind} has no tables yet: the first command that uses it makes them` };
  }
  return describeLatency(opened);
}

function describeLatency({ kind, schema, latencyMs }: OpenedHealthDatabase): Found {
  const observed = Math.round(latencyMs * 10) / 10;
  const limits = { warning: { above: DATABASE_LATENCY_MS }, critical: null };
  const base = { observed, unit: "ms", ...limits };
  if (schema.version < schema.latest) {
    const message =
      `${kind} has the schema of an older program, step ${schema.version} of ${schema.latest}: ` +
      "any command that uses it brings it up to date";
    return { ...base, grade: "warning", message, fix: "ipcascade quota" };
  }
  const grade = gradeByLimits(latencyMs, limits);
  const message = `${kind} answers in ${observed} ms`;
  return { ...base, grade, message, fix: grade === "ok" ? null : DATABASE_PAGE };
}
