import { copyIn, copyOut, type CopyQuery } from "./postgres_copy.ts";
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
  /** Ends the connection; a running statement has `timeout` seconds. */
  end(options: { timeout: number }): Promise<void>;
}

/** The part of a postgres.js instance that a session uses. */
export interface PostgresDriver extends Pick<PostgresSession, "end"> {
  /** Sends one statement as it is when somebody waits for it. */
  unsafe(
    text: string,
    params?: SqlParam[],
    options?: { prepare: boolean },
  ): PromiseLike<ArrayLike<unknown>>;
}

/**
 * Makes a session of a postgres.js instance. `open` gets what the instance has to be made with besides its settings: one
 * connection, without an end of its own, and a call when that is lost.
 */
export function openPostgresSession(
  open: (options: {
    readonly max: 1;
    readonly max_lifetime: null;
    readonly onclose: () => void;
  }) => PostgresDriver,
): PostgresSession {
  let isClosed = false;
  const running = new Set<(error: unknown) => void>();
  let failLost = (_error: unknown) => {};
  const lost = new Promise<never>((_resolve, reject) => failLost = reject);
  lost.catch(() => {});
  const onclose = () => {
    isClosed = true;
    failLost(connectionLost());
    // The driver may leave a statement waiting for ever that was sent while its connection broke.
    for (const fail of running) fail(connectionLost());
    running.clear();
  };
  const driver = open({ max: 1, max_lifetime: null, onclose });
  const untilLost = <T>(work: () => PromiseLike<T>): Promise<T> => {
    if (isClosed) return Promise.reject(connectionLost());
    return new Promise((resolve, reject) => {
      running.add(reject);
      Promise.resolve(work()).then(resolve, reject).finally(() => running.delete(reject));
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
    async *copyOut(text) {
      const rows = copyOut(ask(text))[Symbol.asyncIterator]();
      try {
        while (true) {
          const { done, value } = await untilLost(() => rows.next());
          if (done) return;
          yield value;
        }
      } finally {
        if (!isClosed) await rows.return();
      }
    },
    copyIn: (text, chunks) => untilLost(() => copyIn(ask(text), chunks, lost)),
    end: (options) => driver.end(options),
  };
}

function connectionLost(): Error {
  return Object.assign(new Error("the connection was lost"), { code: "CONNECTION_CLOSED" });
}
