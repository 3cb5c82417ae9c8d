import {
  type Clock,
  quoteInput,
  readCowrieLine,
  type SessionFragment,
  type SessionStore,
} from "@ipcascade/core";
import { FragmentCollector, type FragmentLimits } from "./session_fragments.ts";

/** Lines of one log that follow each other. */
export interface LineChunk {
  /** The file's name, for messages. */
  readonly name: string;
  /** Number of the first line, counted from 1. */
  readonly firstLine: number;
  readonly lines: readonly string[];
}

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
  chunks: AsyncIterable<LineChunk>,
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
    let place = { name: "", line: Infinity };
    for await (const chunk of chunks) {
      if (chunk.name !== place.name || chunk.firstLine <= place.line) collector.endStretches();
      place = { name: chunk.name, line: chunk.firstLine };
      readChunk(chunk, collector, counts, options);
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

function readChunk(
  chunk: LineChunk,
  collector: FragmentCollector,
  counts: Counts,
  options: ImportOptions,
): void {
  for (const [index, line] of chunk.lines.entries()) {
    if (line.trim() === "") continue;
    counts.lines++;
    const event = readCowrieLine(line);
    const problem = "problem" in event ? event.problem : collector.add(event);
    if (problem === null) {
      counts.events++;
      continue;
    }
    counts.badLines++;
    const place = `${quoteInput(chunk.name)}, line ${chunk.firstLine + index}`;
    options.onProblem?.(`Cannot read ${quoteInput(line)} as a Cowrie event: ${problem} (${place})`);
  }
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
