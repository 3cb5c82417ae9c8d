import { MS_PER_SECOND } from "@ipcascade/core";
import {
  checkHealth,
  checkQuota,
  diagnoseTopic,
  HEALTH_TIMEOUT_MS,
  inLimitedTime,
  listAlerts,
  listCoverage,
  readEditionStatus,
  type Readiness,
  readSourceActivity,
  reportCoverage,
  reportError,
  type ReportOperations,
  setQuota,
} from "@ipcascade/operations";
import { createSqlRequestHours } from "@ipcascade/store";
import { openAlertStates } from "./open_alerts.ts";
import { openCoverage } from "./open_coverage.ts";
import { openDiagnoses } from "./open_diagnoses.ts";
import { openEditions } from "./open_editions.ts";
import { openHealth } from "./open_health.ts";
import type { OperationParts } from "./open_operations.ts";
import { openQuota } from "./open_quota.ts";

/** How long the database may take to answer when somebody asks whether requests can be served. */
const READY_MS = MS_PER_SECOND;
/** For everything that a diagnosis looks at. */
const DIAGNOSIS_MS = 30 * MS_PER_SECOND;

/** Wires the reports. */
export function wireReports(parts: OperationParts): ReportOperations {
  const { settings, log, shared, clock, version } = parts;
  // Requests don't wait for a database that is away, so that they use the impatient connections.
  const database = shared.sql;
  const quota = { refreshShare: settings.greynoiseRefreshShare };
  return {
    checkHealth: async () => {
      const options = { timeoutMs: HEALTH_TIMEOUT_MS, database: shared.borrowed };
      await using health = await openHealth(settings, log, options);
      return await checkHealth(health.probes, health, { timeoutMs: HEALTH_TIMEOUT_MS, version });
    },
    checkReadiness: () => checkReadiness(parts),
    checkQuota: async () => {
      await using opened = await openQuota(settings, log, { database });
      return await checkQuota(opened.deps, quota);
    },
    setQuota: async (options) => {
      await using opened = await openQuota(settings, log, { database });
      return await setQuota(opened.deps, options);
    },
    readEditionStatus: async () => {
      await using editions = await openEditions(settings, log, { clock, database });
      return await readEditionStatus(editions.deps, editions);
    },
    reportCoverage: async (options) => {
      await using opened = await openCoverage(settings, log, { database });
      return await reportCoverage(opened.deps, options);
    },
    listCoverage: async (options) => {
      await using opened = await openCoverage(settings, log, { database });
      return await listCoverage(opened.deps, options);
    },
    readSourceActivity: () => readSourceActivity({ requests: createSqlRequestHours(database), clock }),
    diagnose: async (topic, { signal }) => {
      await using opened = openDiagnoses(settings, log, {
        isProbing: false,
        timeoutMs: DIAGNOSIS_MS,
        database,
      });
      const options = { timeoutMs: DIAGNOSIS_MS, signal: signal ?? new AbortController().signal, clock };
      return await diagnoseTopic(topic, opened.tools[topic]!, options);
    },
    listAlerts: async () => {
      await using opened = await openAlertStates(settings, log, { database });
      return await listAlerts({ states: opened.states, clock });
    },
  };
}

async function checkReadiness({ shared, clock }: OperationParts): Promise<Readiness> {
  const missing: string[] = [];
  try {
    await inLimitedTime(() => shared.sql.query("select 1"), { clock, limitMs: READY_MS });
  } catch (error) {
    missing.push(`the database: ${reportError(error).message}`);
  }
  return { operation: "check-readiness", is_ready: missing.length === 0, missing };
}
