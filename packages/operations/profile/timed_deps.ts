import type {
  CircuitStore,
  Clock,
  CymruSource,
  GreynoiseSource,
  InventoryStore,
  MaxmindSource,
  QuotaLedger,
  WorkClaims,
} from "@ipcascade/core";
import type { EnrichDeps } from "../deps.ts";
import type { StageTimer } from "./stage_timer.ts";

/** The cascade's parts with a watch on each. */
export interface TimedDeps extends EnrichDeps {
  /** Units of GreyNoise's quota that were taken and not given back. */
  readonly spent: () => number;
}

/** Puts a watch on every part of the cascade; what it does stays the same. */
export function timeDeps(deps: EnrichDeps, timer: StageTimer): TimedDeps {
  const { ledger, spent } = timeQuota(deps.quota, timer);
  return {
    owner: deps.owner,
    clock: timeClock(deps.clock, timer),
    random: deps.random,
    log: deps.log,
    inventory: timeInventory(deps.inventory, timer),
    maxmind: timeMaxmind(deps.maxmind, timer),
    cymru: timeCymru(deps.cymru, timer),
    greynoise: timeGreynoise(deps.greynoise, timer),
    quota: ledger,
    circuits: timeCircuits(deps.circuits, timer),
    claims: timeClaims(deps.claims, timer),
    spent,
  };
}

/** Whoever works on one address sleeps only to wait. */
function timeClock(clock: Clock, timer: StageTimer): Clock {
  return {
    now: () => clock.now(),
    elapsed: () => clock.elapsed(),
    sleep: (ms, signal) => timer.wait("waiting", () => clock.sleep(ms, signal)),
  };
}

function timeInventory(inventory: InventoryStore, timer: StageTimer): InventoryStore {
  return {
    findMany: (addresses) => timer.wait("inventory_read", () => inventory.findMany(addresses)),
    findStates: (addresses) => timer.wait("inventory_read", () => inventory.findStates(addresses)),
    saveMany: (rows) => {
      timer.end("merge");
      return timer.wait("store", () => inventory.saveMany(rows));
    },
    findActive: (addresses, filter) =>
      timer.wait("inventory_read", () => inventory.findActive(addresses, filter)),
  };
}

/** Looks up twice: the second time nothing has to be fetched or decoded any more. */
function timeMaxmind(maxmind: MaxmindSource, timer: StageTimer): MaxmindSource {
  return {
    get installed() {
      return maxmind.installed;
    },
    lookUp(address, checkedAt) {
      const outcome = timer.run("maxmind_first", () => maxmind.lookUp(address, checkedAt));
      timer.run("maxmind_warm", () => maxmind.lookUp(address, checkedAt));
      return outcome;
    },
  };
}

function timeCymru(cymru: CymruSource, timer: StageTimer): CymruSource {
  return {
    lookUpMany: (addresses, options) => timer.wait("cymru", () => cymru.lookUpMany(addresses, options)),
  };
}

function timeGreynoise(greynoise: GreynoiseSource, timer: StageTimer): GreynoiseSource {
  return { lookUp: (address, options) => timer.wait("greynoise", () => greynoise.lookUp(address, options)) };
}

function timeQuota(quota: QuotaLedger, timer: StageTimer): { ledger: QuotaLedger; spent: () => number } {
  let spent = 0;
  const ledger: QuotaLedger = {
    reserve: async (...args) => {
      const grant = await timer.wait("permits", () => quota.reserve(...args));
      spent += grant.granted;
      return grant;
    },
    release: async (grant, unsent) => {
      await timer.wait("permits", () => quota.release(grant, unsent));
      spent -= unsent;
    },
    close: (...args) => timer.wait("permits", () => quota.close(...args)),
    read: (...args) => timer.wait("permits", () => quota.read(...args)),
  };
  return { ledger, spent: () => spent };
}

function timeCircuits(circuits: CircuitStore, timer: StageTimer): CircuitStore {
  return {
    readCircuit: (source) => timer.wait("permits", () => circuits.readCircuit(source)),
    changeCircuit: (source, change) => timer.wait("permits", () => circuits.changeCircuit(source, change)),
  };
}

function timeClaims(claims: WorkClaims, timer: StageTimer): WorkClaims {
  return {
    openHolder: (owner) => timer.wait("permits", () => claims.openHolder(owner)),
    take: (...args) => timer.wait("permits", () => claims.take(...args)),
    release: (...args) => timer.wait("permits", () => claims.release(...args)),
  };
}
