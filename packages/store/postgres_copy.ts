import type { StallWatch } from "./_stall_watch.ts";

/** The part of Node's readable stream that is used. */
export interface CopyReader extends AsyncIterable<Uint8Array> {
  /** Asks the source for more. */
  _read?(size: number): void;
}

/** The part of Node's writable stream that is used. */
export interface CopyWriter {
  /** False: no more should be written before `drain`. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  destroy(error: Error): void;
  on(event: "error", listener: (error: unknown) => void): void;
  once(event: "drain", listener: () => void): void;
}

/** The part of a postgres.js query that COPY uses. It settles twice: with the stream, and at its true end. */
export interface CopyQuery {
  readable(): Promise<PromiseLike<CopyReader>>;
  writable(): Promise<PromiseLike<CopyWriter>>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Rows that a `copy … to stdout` gives. */
export async function* copyOut(query: CopyQuery): AsyncGenerator<Uint8Array, void> {
  const { started, ended } = watch(query);
  void query.readable().then(async (reader) => await reader).catch(() => {});
  const reader = await started as CopyReader;
  try {
    yield* reader;
  } finally {
    // The driver pauses its socket when the reader is full, and forgets to go on when the rows end just then.
    reader._read?.(0);
  }
  await ended;
}

/**
 * Gives pieces to a `copy … from stdin` and waits until the server has taken all of them. Once the server has refused a
 * row, or `lost` rejected because the connection is gone, no more pieces are asked for.
 */
export async function copyIn(
  query: CopyQuery,
  chunks: AsyncIterable<Uint8Array>,
  { lost, stall }: { readonly lost: Promise<never>; readonly stall: StallWatch },
): Promise<void> {
  const { started, ended } = watch(query);
  void query.writable().then(async (writer) => await writer).catch(() => {});
  const writer = await started as CopyWriter;
  // What the stream fails with is what the query fails with.
  writer.on("error", () => {});
  const over = Promise.race([ended, lost]);
  const orOver = createInterruption(over);
  const source = chunks[Symbol.asyncIterator]();
  try {
    for (let next = await orOver(source.next()); !next.done; next = await orOver(source.next())) {
      if (writer.write(next.value)) continue;
      await stall.wait(orOver(new Promise<void>((resolve) => writer.once("drain", resolve))));
    }
  } catch (error) {
    // Not waited for: a source that hangs closes when it goes on.
    source.return?.().catch(() => {});
    writer.destroy(new Error("the rows were given up"));
    await over.catch(() => {});
    throw error;
  }
  writer.end();
  await stall.wait(over);
}

/** Makes what is waited for fail as soon as `over` does. One at a time: a race would hold each until the end. */
function createInterruption(over: Promise<void>): <T>(work: Promise<T>) => Promise<T> {
  let failure: { readonly error: unknown } | null = null;
  let interrupt = (_error: unknown) => {};
  over.catch((error: unknown) => {
    failure = { error };
    interrupt(error);
  });
  return (work) =>
    new Promise((resolve, reject) => {
      interrupt = reject;
      if (failure !== null) reject(failure.error);
      work.then(resolve, reject);
    });
}

/**
 * When a query's stream is there, and when the server is done with it. The driver tells neither of failures after the
 * last byte of a COPY to whoever waits for the stream, which never ends then: only the query's own end knows.
 */
function watch(query: CopyQuery): { readonly started: Promise<unknown>; readonly ended: Promise<void> } {
  const { resolve, reject } = query;
  let hasStarted = false;
  let end = (_error?: unknown) => {};
  const ended = new Promise<void>((done, fail) => {
    end = (...[error]) => error === undefined ? done() : fail(error);
  });
  const started = new Promise<unknown>((done, fail) => {
    query.resolve = (value) => {
      if (hasStarted) end();
      hasStarted = true;
      done(value);
      resolve(value);
    };
    query.reject = (error) => {
      fail(error);
      end(error);
      reject(error);
    };
  });
  // Whoever waits for one of them gets the error; the other one must not end the process.
  for (const promise of [started, ended]) promise.catch(() => {});
  return { started, ended };
}
