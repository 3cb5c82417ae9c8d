import { MS_PER_SECOND, type OutputRecord, StoreError } from "@ipcascade/core";
import {
  type AddressOperations,
  enrichMany,
  type EnrichRun,
  IncidentBudget,
  inLimitedTime,
  lookUp,
  lookUpOne,
  reportError,
} from "@ipcascade/operations";
import type { OperationParts } from "./open_operations.ts";

/** How long the inventory may take to show that it is there; an embedded one may have to be opened first. */
const CHECK_MS = 15 * MS_PER_SECOND;

/** Wires asking about addresses. What an incident of MaxMind may cost Team Cymru is shared by all runs. */
export function wireAddresses({ cascade, clock, shared }: OperationParts): AddressOperations {
  const budget = new IncidentBudget(clock);
  return {
    maxmind: cascade.maxmind,
    enrich: (inputs, options) =>
      relieved(
        enrichMany(inputs, cascade, {
          budget,
          batchSize: cascade.batchSize,
          lanes: cascade.lanes,
          ...options,
        }),
        cascade,
      ),
    checkInventory: async () => {
      await inLimitedTime(() => shared.sql.query("select 1"), { clock, limitMs: CHECK_MS }).catch(
        throwStoreError,
      );
    },
    lookUp: (inputs, options) => relieved(lookUp(inputs, cascade, options), cascade),
    lookUpOne: (text) => lookUpOne(text, cascade),
  };
}

/** Batches from this size on are part of a long run, after each of which the heap is looked at. */
const LONG_RUN_BATCH = 500;

/** Keeps the heap small during long runs; short ones leave it alone, for collecting garbage holds everybody up. */
function relieved(run: EnrichRun, { relieve }: Pick<OperationParts["cascade"], "relieve">): EnrichRun {
  return { records: relievedRecords(run.records, relieve), summary: () => run.summary() };
}

async function* relievedRecords(
  batches: EnrichRun["records"],
  relieve: () => void,
): AsyncGenerator<readonly OutputRecord[]> {
  for await (const batch of batches) {
    yield batch;
    if (batch.length >= LONG_RUN_BATCH) relieve();
  }
}

function throwStoreError(error: unknown): never {
  if (error instanceof StoreError) throw error;
  throw new StoreError(`Cannot use the inventory: ${reportError(error).message}`);
}
