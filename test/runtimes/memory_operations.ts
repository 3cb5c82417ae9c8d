import {
  type Clock,
  type InventoryRow,
  type InventoryStore,
  type Log,
  type StateGroup,
  StoreError,
  type WorkClaims,
} from "@ipcascade/core";
import {
  checkHealth,
  checkQuota,
  enrichMany,
  lookUp,
  lookUpOne,
  type Operations,
} from "@ipcascade/operations";
import { createMaxmindSource, openMmdb } from "@ipcascade/sources";
import {
  MemoryCircuits,
  MemoryLedger,
  NEVER_SEEN,
  ScriptedCymru,
  ScriptedGreynoise,
  SILENT_LOG,
} from "../../packages/operations/testing/fakes.ts";

/** Time as web standards tell it. */
const CLOCK: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
};

/** An inventory in memory. */
class MemoryInventory implements InventoryStore {
  readonly #rows = new Map<string, InventoryRow>();

  findMany(addresses: readonly string[]): Promise<Map<string, InventoryRow>> {
    const known = addresses.flatMap((address) => this.#rows.get(address) ?? []);
    return Promise.resolve(new Map(known.map((row) => [row.ipAddress, row])));
  }

  async findStates(addresses: readonly string[]): Promise<readonly StateGroup[]> {
    return Array.from(
      await this.findMany(addresses),
      ([address, state]) => ({ state, addresses: [address] }),
    );
  }

  saveMany(rows: readonly InventoryRow[]): Promise<readonly string[]> {
    for (const row of rows) this.#rows.set(row.ipAddress, { ...row, revision: row.revision + 1 });
    return Promise.resolve([]);
  }

  findActive(): Promise<Set<string>> {
    return Promise.resolve(new Set());
  }
}

/** Nobody else takes anything. */
const CLAIMS: WorkClaims = {
  openHolder: () =>
    Promise.resolve({ id: "only", isLost: false, [Symbol.asyncDispose]: () => Promise.resolve() } as never),
  take: (_holder, _source, addresses) => Promise.resolve(new Set(addresses)),
  release: () => Promise.resolve(),
};

function refuse(): Promise<never> {
  return Promise.reject(new StoreError("Cannot use the database: there is none"));
}

/**
 * Operations without files, sockets or a database, for runtimes that have none: the cascade is the product's own, on
 * two editions, an inventory in memory and answers of one kind. What needs a database fails as if it were away.
 */
export function createMemoryOperations(
  editions: { readonly city: Uint8Array; readonly asn: Uint8Array },
  log: Log = SILENT_LOG,
): Operations {
  const maxmind = createMaxmindSource({
    city: openMmdb(editions.city),
    asn: openMmdb(editions.asn),
    elapsed: () => CLOCK.elapsed(),
  });
  const ledger = new MemoryLedger(1_000_000);
  const deps = {
    maxmind,
    inventory: new MemoryInventory(),
    cymru: new ScriptedCymru(() => ({ status: "miss", durationMs: 1 })),
    greynoise: new ScriptedGreynoise(() => ({ outcome: NEVER_SEEN })),
    quota: ledger,
    circuits: new MemoryCircuits(),
    claims: CLAIMS,
    owner: "the only one",
    clock: CLOCK,
    random: () => 0,
    log,
  };
  return {
    clock: CLOCK,
    log,
    maxmind: Object.assign(maxmind, { attributions: [] }),
    enrich: (inputs, options) => enrichMany(inputs, deps, options),
    lookUp: (inputs, options) => lookUp(inputs, deps, options),
    lookUpOne: (text) => lookUpOne(text, deps),
    checkHealth: () => checkHealth([], deps),
    checkInventory: () => Promise.resolve(),
    measure: refuse,
    checkReadiness: () => Promise.resolve({ operation: "check-readiness", is_ready: true, missing: [] }),
    checkQuota: () => checkQuota({ ledger, clock: CLOCK } as never, { refreshShare: 0.8 }),
    setQuota: refuse,
    readEditionStatus: refuse,
    reportCoverage: refuse,
    diagnose: refuse,
    listAlerts: refuse,
    listCoverage: refuse,
    readSourceActivity: refuse,
    listJobs: refuse,
    listJobRuns: refuse,
    findJobRun: refuse,
    startJob: refuse,
  };
}
