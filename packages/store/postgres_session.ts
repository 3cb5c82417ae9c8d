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
  /** Ends the connection; a running statement has `timeout` seconds. */
  end(options: { timeout: number }): Promise<void>;
}

/** The part of a postgres.js instance that a session uses. */
export type PostgresDriver = Omit<PostgresSession, "isClosed">;

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
  const onclose = () => {
    isClosed = true;
    // The driver may leave a statement waiting for ever that was sent while its connection broke.
    for (const fail of running) fail(connectionLost());
    running.clear();
  };
  const driver = open({ max: 1, max_lifetime: null, onclose });
  return {
    get isClosed() {
      return isClosed;
    },
    unsafe(text, params, options) {
      if (isClosed) return Promise.reject(connectionLost());
      return new Promise((resolve, reject) => {
        running.add(reject);
        Promise.resolve(driver.unsafe(text, params, options)).then(resolve, reject)
          .finally(() => running.delete(reject));
      });
    },
    end: (options) => driver.end(options),
  };
}

function connectionLost(): Error {
  return Object.assign(new Error("the connection was lost"), { code: "CONNECTION_CLOSED" });
}
