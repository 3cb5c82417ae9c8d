import type {
  AlertStates,
  CircuitStore,
  HealthCheck,
  InventoryHealth,
  JobRuns,
  JobTimetable,
  QuotaLedger,
} from "@ipcascade/core";
import { describeCheck, type ExpectedCheck } from "@ipcascade/core";
import type { HealthProbe } from "./probe.ts";

/** The page for whatever is wrong with the database. */
export const DATABASE_PAGE = "docs/health.md#the-database";

/** What is read from the database. */
export interface HealthStores {
  readonly ledger: Pick<QuotaLedger, "read">;
  readonly circuits: Pick<CircuitStore, "readCircuit">;
  readonly inventory: InventoryHealth;
  readonly alerts: Pick<AlertStates, "list">;
  readonly runs: Pick<JobRuns, "list" | "latest" | "firstAt">;
  readonly timetable: Pick<JobTimetable, "read">;
}

/** A database that could be opened. */
export interface OpenedHealthDatabase {
  /** What it is, for people, such as `PostgreSQL`. */
  readonly kind: string;
  readonly schema: { readonly version: number; readonly latest: number; readonly problem: string | null };
  /** How long one short statement took before anything else was asked. */
  readonly latencyMs: number;
  /** Why nothing can be written there, in one sentence; null when something can. */
  readonly obstacle: string | null;
  /** Null when there are no tables yet: nothing was ever recorded. */
  readonly stores: HealthStores | null;
}

/** The database as health looks at it: no table is made or migrated, and nothing written but runs that wait for it. */
export interface HealthDatabase {
  /** Opens it once; every call gives the same. Throws `StoreError` and `LockHeldError`. */
  open(): Promise<OpenedHealthDatabase>;
}

/** A probe that reads from the database. The database's own faults are told by its own check. */
export function createStoreProbe(
  database: HealthDatabase,
  expected: readonly ExpectedCheck[],
  read: (stores: HealthStores, signal: AbortSignal) => Promise<readonly HealthCheck[]>,
): HealthProbe {
  return {
    expected,
    run: async (signal) => {
      const { stores, schema } = await openFor(database);
      if (stores === null) return expected.map(nothingYet);
      try {
        return await read(stores, signal);
      } catch (error) {
        if (schema.version === schema.latest) throw error;
        throw new Error(`the database's schema is at step ${schema.version} of ${schema.latest}`);
      }
    },
  };
}

async function openFor(database: HealthDatabase): Promise<OpenedHealthDatabase> {
  try {
    return await database.open();
  } catch {
    throw new Error("the database can't be used");
  }
}

function nothingYet(expected: ExpectedCheck): HealthCheck {
  return describeCheck(expected, { grade: "info", message: "nothing is recorded yet", fix: null });
}
