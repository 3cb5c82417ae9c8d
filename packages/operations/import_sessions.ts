import { type Clock, quoteInput, type SessionFragment, type SessionStore } from "@ipcascade/core";
import { CowrieLogReader, type CowrieSink, type LogBlock } from "./cowrie_log_reader.ts";
import { FragmentCollector, type FragmentLimits } from "./session_fragments.ts";

/** What an import did. */
export interface ImportReport {
  readonly lines: number;
  readonly events: number;
  readonly badLines: number;
  readonly newSessions: number;
  readonly changedSessions: number;
  readonly unchangedSessions: number;
  readonly newAddresses: number;
  readonly elapsedMs: number;
  readonly stopped: boolean;
}

/** Bounds of an import and whom to tell. */
export interface ImportOptions {
  readonly limits?: FragmentLimits;
  /** Ends the reading; what was read is stored. */
  readonly stop?: AbortSignal;
  /** Told of each line that is no Cowrie event. */
  readonly onProblem?: (message: string) => void;
  readonly onProgress?: (report: ImportReport) => void;
  /** Given the global addresses of each part that was stored, known ones too; the import waits for it. */
  readonly onStored?: (addresses: readonly string[]) => Promise<void>;
}

type Counts = { -readonly [Key in keyof ImportReport]: ImportReport[Key] };

/**
 * Imports Cowrie JSON logs into `sessions` and the inventory's activity, in bounded memory. Importing the same lines
 * again changes nothing; a log that grew brings what is new. Throws `StoreError` when the database fails.
 */
export async function importSessions(
  blocks: AsyncIterable<LogBlock>,
  deps: { readonly sessions: SessionStore; readonly clock: Clock },
  options: ImportOptions = {},
): Promise<ImportReport> {
  const startedMs = deps.clock.elapsed();
  const counts = noCounts();
  const collector = new FragmentCollector(options.limits);
  let writing: Promise<void> = Promise.resolve();
  const write = async (fragments: readonly SessionFragment[]) => {
    await writing;
    writing = store(fragments, deps.sessions, counts).then(() => options.onStored?.(listGlobal(fragments)));
    // The rejection surfaces at the next `await writing`.
    writing.catch(() => {});
  };
  try {
    const reader = new CowrieLogReader();
    for await (const block of blocks) {
      if (block.isFirst) collector.endStretches();
      reader.read(block, createSink(block.name, collector, counts, options));
      if (collector.isFull) {
        await write(collector.take());
        options.onProgress?.({ ...counts, elapsedMs: deps.clock.elapsed() - startedMs });
      }
      if (options.stop?.aborted) break;
    }
    await write(collector.takeAll());
  } finally {
    await writing;
  }
  return { ...counts, elapsedMs: deps.clock.elapsed() - startedMs, stopped: options.stop?.aborted === true };
}

function createSink(
  name: string,
  collector: FragmentCollector,
  counts: Counts,
  options: ImportOptions,
): CowrieSink {
  return {
    take: (event) => {
      const problem = collector.add(event);
      if (problem === null) {
        counts.lines++;
        counts.events++;
      }
      return problem;
    },
    refuse: ({ text, number, problem }) => {
      counts.lines++;
      counts.badLines++;
      const place = `${quoteInput(name)}, line ${number}`;
      options.onProblem?.(`Cannot read ${quoteInput(text)} as a Cowrie event: ${problem} (${place})`);
    },
  };
}

async function store(
  fragments: readonly SessionFragment[],
  sessions: SessionStore,
  counts: Counts,
): Promise<void> {
  if (fragments.length === 0) return;
  const done = await sessions.importFragments(fragments);
  counts.newSessions += done.newSessions;
  counts.changedSessions += done.changedSessions;
  counts.unchangedSessions += done.unchangedSessions;
  counts.newAddresses += done.newAddresses;
}

function listGlobal(fragments: readonly SessionFragment[]): readonly string[] {
  const addresses = fragments.map(({ sourceIp, inInventory }) => inInventory ? sourceIp : null);
  return [...new Set(addresses.filter((one) => one !== null))];
}

function noCounts(): Counts {
  return {
    lines: 0,
    events: 0,
    badLines: 0,
    newSessions: 0,
    changedSessions: 0,
    unchangedSessions: 0,
    newAddresses: 0,
    elapsedMs: 0,
    stopped: false,
  };
}
