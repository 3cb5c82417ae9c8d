import {
  type ActivityFilter,
  type Clock,
  emptyRow,
  type EnrichSummary,
  type OutputRecord,
  recordFromRow,
  SOURCE_NAMES,
  type SourceName,
} from "@ipcascade/core";
import { type CascadeProgress, CascadeRun } from "./cascade_run.ts";
import type { EnrichDeps } from "./deps.ts";
import type { IncidentBudget } from "./incident_budget.ts";
import { type Entry, gatherBatches, type InputItem } from "./inputs.ts";
import { type BatchAddresses, readAhead, type ReadBatch } from "./read_ahead.ts";
import { RunTally } from "./tally.ts";
import { countInput, type Work } from "./work.ts";

/** What a run of `enrichMany` may do; everything has a default. */
export interface EnrichOptions {
  /** Addresses in a batch: one inventory query, one Cymru session, one write. Default 5 000. */
  readonly batchSize?: number;
  /** Addresses in the first batch, when answers shall come soon; the batches grow from there. Default `batchSize`. */
  readonly firstBatchSize?: number;
  /** How long a part of a batch waits for more input. Default 250 ms. */
  readonly maxWaitMs?: number;
  /** Largest block or range that is expanded. Default 1 048 576 addresses. */
  readonly maxSpan?: number;
  /** Sources that may be asked. Default all. */
  readonly sources?: readonly SourceName[];
  /** Asks again where the answer is fresh or backing off. Default false. */
  readonly refresh?: boolean;
  /** Asks GreyNoise only about addresses with such a session. Default null: about all. */
  readonly activity?: ActivityFilter | null;
  /** What an incident of MaxMind may cost Cymru, when several runs share it. Default: one for this run. */
  readonly budget?: IncidentBudget;
  /** Finishes the batch in hand, then ends. */
  readonly stop?: AbortSignal;
  /** Gives up requests under way as well. */
  readonly abort?: AbortSignal;
  readonly onProgress?: (progress: CascadeProgress) => void;
}

/** A run of `enrichMany`: read `records` to its end, then ask for the summary. */
export interface EnrichRun {
  /** Batches of records in the order of the input. A record is delivered once the inventory holds it. */
  readonly records: AsyncIterable<readonly OutputRecord[]>;
  summary(): EnrichSummary;
}

/**
 * Enriches a stream of inputs through the cascade: inventory, MaxMind, Team Cymru, GreyNoise. Duplicates are asked
 * once, input order is kept, memory is bounded by the batch. The stream throws `StoreError` when the database fails;
 * a failing source never fails an address.
 */
export function enrichMany(
  inputs: AsyncIterable<readonly InputItem[]>,
  deps: EnrichDeps,
  options: EnrichOptions = {},
): EnrichRun {
  const tally = new RunTally(deps.clock.elapsed());
  const leaving = new AbortController();
  const stop = AbortSignal.any(
    [leaving.signal, options.stop, options.abort].filter((one) => one !== undefined),
  );
  const cascade = new CascadeRun(deps, {
    selected: new Set(options.sources ?? SOURCE_NAMES),
    refresh: options.refresh ?? false,
    activity: options.activity ?? null,
    budget: options.budget,
    stop,
    abort: options.abort,
    onProgress: options.onProgress,
  }, tally);
  const batches = gatherBatches(inputs, {
    batchSize: options.batchSize ?? 5_000,
    firstBatchSize: options.firstBatchSize,
    maxWaitMs: options.maxWaitMs ?? 250,
    maxSpan: options.maxSpan,
    clock: deps.clock,
    stop,
  });
  const { clock } = deps;
  const ahead = readAhead(batches, { clock, stop, read: (addresses) => cascade.read(addresses) });
  return {
    records: deliver(startBatches(ahead, cascade, { tally, clock }), leaving),
    summary: () => {
      tally.stopped = options.stop?.aborted === true;
      return tally.summarise(deps.clock.elapsed());
    },
  };
}

interface StartedBatch {
  readonly records: Promise<readonly OutputRecord[]>;
}

/** Rows that lay ready for longer are read again: others may have asked in the meantime. */
const MAX_READ_AGE_MS = 1_000;

/** Asks for one batch while the one before is being written and the rows of the next one are being read. */
async function* startBatches(
  batches: AsyncIterable<ReadBatch>,
  cascade: CascadeRun,
  { tally, clock }: { readonly tally: RunTally; readonly clock: Clock },
): AsyncGenerator<StartedBatch> {
  let writing: Promise<void> | null = null;
  // The rows of a batch are read from when the batch before is taken up: neither it nor the one before it need be
  // written by then.
  let recent: readonly BatchAddresses[] = [];
  try {
    for await (const { entries, addresses, reading } of batches) {
      const read = await reading;
      let { rows } = read;
      const isOld = clock.elapsed() - read.readAtMs > MAX_READ_AGE_MS;
      if (isOld || recent.some((others) => overlaps(addresses, others))) {
        // An address of a batch before must be found, not asked again.
        await writing;
        rows = await cascade.read(addresses);
      }
      const works = await cascade.ask(addresses, rows);
      await writing;
      const done = cascade.save(works);
      done.catch(() => {});
      writing = done;
      recent = [...recent.slice(-1), addresses];
      const records = done.then(() => recordEntries(entries, works, tally));
      records.catch(() => {});
      yield { records };
    }
  } finally {
    // Whoever leaves early closes the database next.
    await writing?.catch(() => {});
    await cascade[Symbol.asyncDispose]();
  }
}

/** A reader that leaves early stops the run: what was asked is stored, and a silent input is not waited for. */
async function* deliver(
  started: AsyncGenerator<StartedBatch>,
  leaving: AbortController,
): AsyncGenerator<readonly OutputRecord[]> {
  let next = started.next();
  try {
    while (true) {
      const batch = await next;
      if (batch.done === true) return;
      next = started.next();
      next.catch(() => {});
      yield await batch.value.records;
    }
  } finally {
    leaving.abort();
    await next.catch(() => {});
    await started.return(undefined).catch(() => {});
  }
}

function overlaps(addresses: BatchAddresses, others: BatchAddresses): boolean {
  for (const address of addresses.keys()) if (others.has(address)) return true;
  return false;
}

function recordEntries(
  entries: readonly Entry[],
  works: readonly Work[],
  tally: RunTally,
): readonly OutputRecord[] {
  const byAddress = new Map<string, Work>();
  for (const work of works) byAddress.set(work.row.ipAddress, work);
  return entries.map((entry) => {
    tally.inputs++;
    const { input } = entry;
    if ("error" in entry) {
      tally.invalid++;
      return { input, error: entry.error };
    }
    const work = byAddress.get(entry.address.text);
    if (work === undefined) {
      tally.local++;
      return recordFromRow(emptyRow(entry.address.text, entry.scope), { input, fromInventory: true });
    }
    countInput(work, tally);
    return recordFromRow(work.row, { input, fromInventory: !work.asked });
  });
}
