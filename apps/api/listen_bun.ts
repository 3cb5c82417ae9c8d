import { quoteInput, UsageError } from "@ipcascade/core";
import type { Listener, ListenOptions } from "./listener.ts";

/** The part of Bun's server that is used. */
interface BunServer {
  readonly hostname: string;
  readonly port: number;
  stop(now?: boolean): Promise<void>;
  requestIP(request: Request): { readonly address: string } | null;
}

/** The part of Bun that is used. */
interface BunRuntime {
  serve(options: {
    readonly hostname: string;
    readonly port: number;
    /** Seconds without a byte after which a connection is closed; 0 is never. */
    readonly idleTimeout: number;
    fetch(request: Request, server: BunServer): Response | Promise<Response>;
  }): BunServer;
}

/** Listens on Bun. */
export function listenOnBun(bun: BunRuntime, { host, port, answer }: ListenOptions): Promise<Listener> {
  let server: BunServer;
  try {
    server = bun.serve({
      hostname: host,
      port,
      // A stream of records may wait for its sources for longer than Bun's ten seconds.
      idleTimeout: 0,
      fetch: (request, self) => answer(request, { client: self.requestIP(request)?.address }),
    });
  } catch (error) {
    const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    const reason = isTaken ? "somebody else listens there" : String(error);
    throw new UsageError(`Cannot listen on ${quoteInput(`${host}:${port}`)}: ${reason}`);
  }
  return Promise.resolve({
    host: server.hostname,
    port: server.port,
    // It goes on by itself when connections can't be taken for a while.
    lost: new Promise(() => {}),
    drain: () => server.stop(),
    close: () => server.stop(true),
  });
}
