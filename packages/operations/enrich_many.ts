import {
  type ActivityFilter,
  createInstantWriter,
  emptyRow,
  type EnrichSummary,
  type OutputRecord,
  recordFromRow,
  SOURCE_NAMES,
  type SourceName,
  type SpanLimit,
} from "@ipcascade/core";
import { type CascadeProgress, CascadeRun } from "./cascade_run.ts";
import type { EnrichDeps } from "./deps.ts";
import type { IncidentBudget } from "./incident_budget.ts";
import { type Entry, gatherBatches, type InputItem, type OnProblem } from "./inputs.ts";
import { isOutdated, type KnownRows } from "./known_rows.ts";
import { type BatchAddresses, readAhead, type ReadBatch } from "./read_ahead.ts";
import { RunTally } from "./tally.ts";
import { countInput, needsSaving, type Work } from "./work.ts";

/** What a run of `enrichMany` may do; everything has a default. */
export interface EnrichOptions {
  /** Addresses in a batch: one inventory query, one Cymru session, one write. Default 5 000. */
  readonly batchSize?: number;
  /** Addresses in the first batch, when answers shall come soon; the batches grow from there. Default `batchSize`. */
  readonly firstBatchSize?: number;
  /** Batches that may be written at once; they are delivered in order all the same. Default 1. */
  readonly lanes?: number;
  /** How long a part of a batch waits for more input. Default 250 ms. */
  readonly maxWaitMs?: number;
  /** Largest block or range that is expanded. Default 1 048 576 addresses. */
  readonly maxSpan?: SpanLimit;
  /** Sources that may be asked. Default all. */
  readonly sources?: readonly SourceName[];
  /** Asks again where the answer is fresh or backing off. Default false. */
  readonly refresh?: boolean;
  /**
   * Which records are delivered. With `none` all batches come empty, and a row that stays as it is isn't read: one query
   * tells which those are. Default `all`.
   */
  readonly records?: "all" | "none";
  /** Told of each input that can't be looked up. */
  readonly onProblem?: OnProblem;
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
  const hasRecords = options.records !== "none";
  const leaving = new AbortController();
  const stop = AbortSignal.any(
    [leaving.signal, options.stop, options.abort].filter((one) => one !== undefined),
  );
  const cascade = new CascadeRun(deps, {
    selected: new Set(options.sources ?? SOURCE_NAMES),
    refresh: options.refresh ?? false,
    activity: options.activity ?? null,
    skipIdle: !hasRecords,
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
  const lanes = options.lanes ?? 1;
  const ahead = readAhead(batches, { clock, stop, read: (addresses) => cascade.read(addresses) });
  return {
    records: deliver(
      startBatches(ahead, cascade, { tally, deps, lanes, hasRecords, onProblem: options.onProblem }),
      { leaving, lanes },
    ),
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

interface StartOptions {
  readonly hasRecords: boolean;
  readonly onProblem: OnProblem | undefined;
  readonly tally: RunTally;
  readonly deps: Pick<EnrichDeps, "clock" | "maxmind">;
  readonly lanes: number;
}

/** Asks for one batch while those before are being written and the rows of the next one are being read. */
async function* startBatches(
  batches: AsyncIterable<ReadBatch>,
  cascade: CascadeRun,
  options: StartOptions,
): AsyncGenerator<StartedBatch> {
  const { deps, lanes } = options;
  const writing: Promise<void>[] = [];
  // The rows of a batch are read from when the batch before is taken up: neither it nor those being written then need
  // be in the inventory.
  let recent: readonly ReadonlySet<string>[] = [];
  try {
    for await (const { entries, addresses, reading } of batches) {
      const read = await reading;
      let { known } = read;
      const isOld = deps.clock.elapsed() - read.readAtMs > MAX_READ_AGE_MS;
      if (
        isOld || isOutdated(known, deps.maxmind.installed) ||
        recent.some((others) => overlaps(addresses, known, others))
      ) {
        // An address that was asked about in a batch before must be found, not asked again.
        await Promise.all(writing);
        known = await cascade.read(addresses);
      }
      const works = await cascade.ask(addresses, known);
      while (writing.length >= lanes) await writing.shift();
      const written = listWritten(works);
      const done = cascade.save(works);
      done.catch(() => {});
      writing.push(done);
      recent = [...recent.slice(-lanes), written];
      const records = done.then(() => {
        const findWork = indexWorks(entries, works);
        countEntries(entries, findWork, options);
        return options.hasRecords ? recordEntries(entries, findWork) : [];
      });
      records.catch(() => {});
      yield { records };
    }
  } finally {
    // Whoever leaves early closes the database next.
    await Promise.allSettled(writing);
    await cascade[Symbol.asyncDispose]();
  }
}

/** A reader that leaves early stops the run: what was asked is stored, and a silent input is not waited for. */
async function* deliver(
  started: AsyncGenerator<StartedBatch>,
  { leaving, lanes }: { readonly leaving: AbortController; readonly lanes: number },
): AsyncGenerator<readonly OutputRecord[]> {
  const next: Promise<IteratorResult<StartedBatch>>[] = [];
  const startNext = () => {
    const batch = started.next();
    batch.catch(() => {});
    next.push(batch);
  };
  startNext();
  try {
    while (true) {
      const batch = await next.shift()!;
      if (batch.done === true) return;
      while (next.length < lanes) startNext();
      yield await batch.value.records;
    }
  } finally {
    leaving.abort();
    await Promise.allSettled(next);
    await started.return(undefined).catch(() => {});
  }
}

/** Whether something is known no more about addresses, for a batch before wrote the rows of `others`. */
function overlaps(addresses: BatchAddresses, { idle }: KnownRows, others: ReadonlySet<string>): boolean {
  if (others.size === 0) return false;
  for (const address of addresses.keys()) if (others.has(address) && !idle.has(address)) return true;
  return false;
}

/** The addresses whose rows a batch has written or is about to. */
function listWritten(works: readonly Work[]): ReadonlySet<string> {
  const written = new Set<string>();
  for (const work of works) if (work.counted || needsSaving(work)) written.add(work.row.ipAddress);
  return written;
}

/** Finds the work of an entry, if it has one. */
type FindWork = (entry: Entry, index: number) => Work | undefined;

/** Works stand in the order of the entries, so mostly in the same place. */
function indexWorks(entries: readonly Entry[], works: readonly Work[]): FindWork {
  if (works.length === entries.length) return (_entry, index) => works[index];
  const byAddress = new Map<string, Work>();
  for (const work of works) byAddress.set(work.row.ipAddress, work);
  return (entry) => "error" in entry ? undefined : byAddress.get(entry.address.text);
}

function countEntries(
  entries: readonly Entry[],
  findWork: FindWork,
  { tally, onProblem }: Pick<StartOptions, "tally" | "onProblem">,
): void {
  entries.forEach((entry, index) => {
    tally.inputs++;
    const work = findWork(entry, index);
    if ("error" in entry) {
      tally.invalid++;
      onProblem?.(entry);
    } else if (entry.scope !== "global") tally.local++;
    else if (work === undefined) tally.fresh++;
    else countInput(work, tally);
  });
}

function recordEntries(entries: readonly Entry[], findWork: FindWork): readonly OutputRecord[] {
  const write = createInstantWriter();
  return entries.map((entry, index) => {
    const { input } = entry;
    if ("error" in entry) return { input, error: entry.error };
    const work = findWork(entry, index);
    const row = work?.row ?? emptyRow(entry.address.text, entry.scope);
    return recordFromRow(row, { input, fromInventory: work?.asked !== true, write });
  });
}
