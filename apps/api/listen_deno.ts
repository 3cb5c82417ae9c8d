import { quoteInput, UsageError } from "@ipcascade/core";
import type { Listener, ListenOptions } from "./listener.ts";

/** Listens on Deno. */
export async function listenOnDeno({ host, port, answer }: ListenOptions): Promise<Listener> {
  const giveUp = new AbortController();
  const listening = Promise.withResolvers<{ readonly hostname: string; readonly port: number }>();
  const server = openServer(() =>
    Deno.serve({
      hostname: host,
      port,
      signal: giveUp.signal,
      onListen: (address) => listening.resolve(address),
    }, (request, { remoteAddr }) => answer(request, { client: readHost(remoteAddr) })), { host, port });
  const address = await listening.promise;
  let isOver = false;
  return {
    host: address.hostname,
    port: address.port,
    drain: async () => {
      await server.shutdown();
      isOver = true;
    },
    close: async () => {
      // A server that is over has nothing left to give up.
      if (!isOver) giveUp.abort();
      await server.finished;
    },
  };
}

function readHost(address: Deno.Addr): string | undefined {
  return "hostname" in address ? address.hostname : undefined;
}

function openServer<Server>(
  open: () => Server,
  { host, port }: Pick<ListenOptions, "host" | "port">,
): Server {
  try {
    return open();
  } catch (error) {
    const reason = error instanceof Deno.errors.AddrInUse ? "somebody else listens there" : String(error);
    throw new UsageError(`Cannot listen on ${quoteInput(`${host}:${port}`)}: ${reason}`);
  }
}
