import {
  classifyScope,
  type Clock,
  DEFAULT_MAX_SPAN,
  expandTarget,
  explainInvalidAddress,
  explainLargeSpan,
  type InputError,
  type IpAddress,
  parseTarget,
  quoteInput,
  type Scope,
  type SpanLimit,
  type Target,
} from "@ipcascade/core";

/** A place in an input. */
export interface InputOrigin {
  /** Of the file or stream. */
  readonly name: string;
  /** From 1 on. */
  readonly line: number;
  /** Which element it is, from 1 on, where many may stand on a line. */
  readonly element?: number;
}

/** One text to look up, as a reader delivers it. */
export interface InputItem {
  readonly text: string;
  /** Where it stood; null for an argument. */
  readonly origin: InputOrigin | null;
  /** Set when the reader itself couldn't make sense of the place. */
  readonly problem?: string;
  /** True where the problem is that of a whole file: it can't be read, or not to its end. */
  readonly isFile?: boolean;
}

/** One place of the output: an address to look up, or what is wrong with the input. */
export type Entry =
  | { readonly input: string; readonly address: IpAddress; readonly scope: Scope }
  | FailedEntry;

/** An input that can't be looked up. */
export interface FailedEntry {
  readonly input: string;
  readonly error: InputError;
  /** True where it stands for a whole file. */
  readonly isFile?: boolean;
}

/** Tells of an input that can't be looked up. */
export type OnProblem = (problem: FailedEntry) => void;

/** How inputs are gathered into batches. */
export interface GatherOptions {
  /** Most entries in a batch. */
  readonly batchSize: number;
  /** Entries in the first batch; each one after may hold twice as many as the one before. Default `batchSize`. */
  readonly firstBatchSize?: number;
  /** How long a batch may wait for more input before it goes on its way. */
  readonly maxWaitMs: number;
  /** Largest block or range that is expanded, in addresses. */
  readonly maxSpan?: SpanLimit;
  readonly clock: Clock;
  /** Ends the reading; what was read is still delivered. */
  readonly stop?: AbortSignal;
}

/** The entries of one item, lazily: a block or range becomes its addresses. */
export function readEntries(item: InputItem, maxSpan: SpanLimit = DEFAULT_MAX_SPAN): Iterable<Entry> {
  const input = item.text;
  if (item.problem !== undefined) {
    const error = withOrigin({ code: "UNREADABLE_LINE", message: item.problem }, item);
    return [{ input, error, isFile: item.isFile }];
  }
  const target = parseTarget(input.trim());
  if (target === null) return [{ input, error: withOrigin(explainInvalidAddress(input), item) }];
  if (target.kind === "address") {
    return [{ input, address: target.address, scope: classifyScope(target.address) }];
  }
  const limit = typeof maxSpan === "number" ? { max: maxSpan } : maxSpan;
  if (target.count > BigInt(limit.max)) {
    return [{
      input,
      error: withOrigin(explainLargeSpan(input, { count: target.count, ...limit }), item),
    }];
  }
  return expandEntries(input, target);
}

function* expandEntries(input: string, target: Target): Generator<Entry> {
  for (const address of expandTarget(target)) yield { input, address, scope: classifyScope(address) };
}

function withOrigin(error: InputError, { origin }: InputItem): InputError {
  if (origin === null) return error;
  const element = origin.element === undefined ? "" : `element ${origin.element}, `;
  const place = `${quoteInput(origin.name)}, ${element}line ${origin.line}`;
  return { ...error, message: `${error.message} (${place})` };
}

type Step = IteratorResult<readonly InputItem[]> | "late";

/**
 * Gathers items into batches of entries. A batch is delivered when it is full, when its first entry has waited for
 * `maxWaitMs`, or at the end.
 */
export async function* gatherBatches(
  chunks: AsyncIterable<readonly InputItem[]>,
  options: GatherOptions,
): AsyncGenerator<readonly Entry[]> {
  const iterator = chunks[Symbol.asyncIterator]();
  let batch: Entry[] = [];
  let size = Math.min(options.firstBatchSize ?? options.batchSize, options.batchSize);
  let lateAtMs = 0;
  let next = iterator.next();
  try {
    while (true) {
      const step = batch.length === 0
        ? await orStopped(next, options.stop)
        : await orLate(next, lateAtMs, options);
      if (step === "late") {
        yield batch;
        batch = [];
        continue;
      }
      if (step.done === true) break;
      for (const item of step.value) {
        for (const entry of readEntries(item, options.maxSpan)) {
          if (options.stop?.aborted) break;
          if (batch.length === 0) lateAtMs = options.clock.elapsed() + options.maxWaitMs;
          batch.push(entry);
          if (batch.length < size) continue;
          yield batch;
          batch = [];
          size = Math.min(2 * size, options.batchSize);
        }
      }
      if (options.stop?.aborted) break;
      next = iterator.next();
    }
    if (batch.length > 0) yield batch;
  } finally {
    next.catch(() => {});
    // A reader that waits for a silent pipe never ends by itself; nobody waits for it.
    void iterator.return?.()?.catch(() => {});
  }
}

/** Waits for the next chunk, but not beyond the stop signal. */
async function orStopped(
  next: Promise<IteratorResult<readonly InputItem[]>>,
  stop: AbortSignal | undefined,
): Promise<IteratorResult<readonly InputItem[]>> {
  if (stop === undefined) return await next;
  const done = { done: true, value: undefined } as const;
  if (stop.aborted) return done;
  let onAbort: (() => void) | undefined;
  const stopped = new Promise<typeof done>((resolve) => {
    onAbort = () => resolve(done);
    stop.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([next, stopped]);
  } finally {
    if (onAbort !== undefined) stop.removeEventListener("abort", onAbort);
  }
}

/** Waits for the next chunk until the batch is late: a steady trickle of input must not hold it for ever. */
async function orLate(
  next: Promise<IteratorResult<readonly InputItem[]>>,
  lateAtMs: number,
  options: GatherOptions,
): Promise<Step> {
  const timer = new AbortController();
  const leftMs = Math.max(0, lateAtMs - options.clock.elapsed());
  const late = options.clock.sleep(leftMs, timer.signal).then(
    () => "late" as const,
    () => "late" as const,
  );
  try {
    return await Promise.race([orStopped(next, options.stop), late]);
  } finally {
    timer.abort();
  }
}
