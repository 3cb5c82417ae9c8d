import { copyIn, copyOut, type CopyQuery } from "./postgres_copy.ts";
import { EntryWatch } from "./_entry_watch.ts";
import { StallWatch } from "./_stall_watch.ts";
import type { SqlParam } from "./sql_client.ts";

/**
 * One connection to a server. It may open its connection when it is first needed; once that was lost, `isClosed` is true
 * for ever, even if the driver would connect anew.
 */
export interface PostgresSession {
  readonly isClosed: boolean;
  /** Runs one statement as it is; nothing is inserted into its text. */
  unsafe(
    text: string,
    params?: SqlParam[],
    options?: { prepare: boolean },
  ): PromiseLike<ArrayLike<unknown>>;
  /** Rows of a `copy … to stdout`, one at a time. */
  copyOut(text: string): AsyncIterable<Uint8Array>;
  /** Gives pieces to a `copy … from stdin`. */
  copyIn(text: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** Cuts the connection: what runs fails at once, and the server undoes what was not committed. */
  abandon(): void;
  /** Ends the connection; a running statement has `timeout` seconds. */
  end(options: { timeout: number }): Promise<void>;
}

/** A COPY that moves no row for so long is given up, in milliseconds: sorting a large table takes minutes. */
const STALL_MS = 600_000;

/** The part of a postgres.js instance that a session uses. */
export interface PostgresDriver extends Pick<PostgresSession, "end"> {
  /** Sends one statement as it is when somebody waits for it. */
  unsafe(
    text: string,
    params?: SqlParam[],
    options?: { prepare: boolean },
  ): PromiseLike<ArrayLike<unknown>>;
}

/** What the driver has to be made with. */
export interface PostgresDriverOptions {
  readonly max: 1;
  readonly max_lifetime: null;
  readonly onclose: () => void;
  readonly onparameter: () => void;
}

/** How long a session waits, in milliseconds. */
export interface PostgresSessionOptions {
  /** For a row of a COPY. Default ten minutes. */
  readonly stallMs?: number;
  /** For the server to let us in, from the first statement on. Default null: as long as the driver tries. */
  readonly connectMs?: number | null;
}

/**
 * Makes a session of a postgres.js instance. `open` gets what the instance has to be made with besides its settings: one
 * connection, without an end of its own, and calls when that is lost and when the server tells its parameters.
 */
export function openPostgresSession(
  open: (options: PostgresDriverOptions) => PostgresDriver,
  { stallMs = STALL_MS, connectMs = null }: PostgresSessionOptions = {},
): PostgresSession {
  let isClosed = false;
  const running = new Set<(error: unknown) => void>();
  let failLost = (_error: unknown) => {};
  const lost = new Promise<never>((_resolve, reject) => failLost = reject);
  lost.catch(() => {});
  const closeWith = (error: Error) => {
    isClosed = true;
    entry.pass();
    failLost(error);
    // The driver may leave a statement waiting for ever that was sent while its connection broke.
    for (const fail of running) fail(error);
    running.clear();
  };
  const onclose = () => closeWith(connectionLost());
  const entry = new EntryWatch(connectMs, (error) => abandonWith(error));
  const driver = open({ max: 1, max_lifetime: null, onclose, onparameter: () => entry.pass() });
  const abandonWith = (error: Error) => {
    closeWith(error);
    void driver.end({ timeout: 0 }).catch(() => {});
  };
  const watchStalls = () => new StallWatch(stallMs, () => abandonWith(connectionStalled(stallMs)));
  const untilLost = <T>(work: () => PromiseLike<T>): Promise<T> => {
    if (isClosed) return Promise.reject(connectionLost());
    entry.begin();
    return new Promise((resolve, reject) => {
      running.add(reject);
      Promise.resolve(work()).then(resolve, reject).finally(() => {
        entry.pass();
        running.delete(reject);
      });
    });
  };
  // What the driver gives for a statement is more than a promise.
  const ask = (text: string) => driver.unsafe(text) as unknown as CopyQuery;
  return {
    get isClosed() {
      return isClosed;
    },
    unsafe(text, params, options) {
      return untilLost(() => driver.unsafe(text, params, options));
    },
    copyOut: (text) => {
      const rows = copyOut(ask(text));
      const end = async () => {
        if (!isClosed) await rows.return();
      };
      return watchRows(() => untilLost(() => rows.next()), { end, stall: watchStalls() });
    },
    copyIn: (text, chunks) => {
      const stall = watchStalls();
      return untilLost(() => copyIn(ask(text), chunks, { lost, stall })).finally(() => stall.stop());
    },
    abandon: () => abandonWith(connectionLost()),
    end: (options) => driver.end(options),
  };
}

/** Rows until there are no more, or until one does not come. */
async function* watchRows(
  next: () => Promise<IteratorResult<Uint8Array, void>>,
  { end, stall }: { readonly end: () => Promise<void>; readonly stall: StallWatch },
): AsyncIterable<Uint8Array> {
  try {
    while (true) {
      const { done, value } = await stall.wait(next());
      if (done) return;
      yield value;
    }
  } finally {
    stall.stop();
    await end();
  }
}

function connectionLost(): Error {
  return Object.assign(new Error("the connection was lost"), { code: "CONNECTION_CLOSED" });
}

function connectionStalled(ms: number): Error {
  const message = `the server neither gave nor took a row for ${Math.round(ms / 60_000)} minutes`;
  return Object.assign(new Error(message), { code: "CONNECTION_CLOSED" });
}
