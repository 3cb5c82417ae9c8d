import { quoteInput, UsageError } from "@ipcascade/core";
import { type Listener, ListenLostError, type ListenOptions } from "./listener.ts";

/** How often listening again is tried after connections could not be taken, and for how long. */
const RETRY_MS = 250;
const GIVE_UP_MS = 5_000;

/** A server that takes connections, or has those that it took before it failed. */
interface OpenServer {
  readonly server: Deno.HttpServer;
  readonly abort: AbortController;
  /** True once it was told to end: then it can't be aborted any more, that throws where nobody can catch it. */
  isEnding: boolean;
}

/** Listens on Deno, whose server ends for good when a connection can't be taken, as without a free file handle. */
export async function listenOnDeno(options: ListenOptions): Promise<Listener> {
  const { log } = options;
  const servers = new Set<OpenServer>();
  const lost = Promise.withResolvers<ListenLostError>();
  let isEnding = false;
  const open = async (port: number) => {
    const { address, ...opened } = await openServer({ ...options, port });
    servers.add(opened);
    opened.server.finished.then(
      () => servers.delete(opened),
      (error) => isEnding ? undefined : reopen(opened, address.port, String(error)),
    );
    return address;
  };
  const reopen = async (failed: OpenServer, port: number, reason: string) => {
    log.error("No connection can be taken: idle ones are closed, then it listens again", { reason });
    void end(failed).catch(() => {}).then(() => servers.delete(failed));
    let last = reason;
    for (let waitedMs = 0; waitedMs < GIVE_UP_MS; waitedMs += RETRY_MS) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      if (isEnding) return;
      try {
        await open(port);
        return log.warn("It listens again");
      } catch (error) {
        last = error instanceof Error ? error.message : String(error);
      }
    }
    lost.resolve(new ListenLostError(`Cannot go on listening after "${reason}": ${last}`));
  };
  const { hostname, port } = await open(options.port);
  return {
    host: hostname,
    port,
    lost: lost.promise,
    drain: async () => {
      isEnding = true;
      await Promise.all([...servers].map(end));
    },
    close: async () => {
      isEnding = true;
      await Promise.all([...servers].map(abort));
    },
  };
}

/** Ends a server with its idle connections, among them those whose request never came; resolves once it is idle. */
async function end(opened: OpenServer): Promise<void> {
  opened.isEnding = true;
  await opened.server.shutdown();
}

async function abort({ server, abort, isEnding }: OpenServer): Promise<void> {
  if (isEnding) return server.unref();
  abort.abort();
  await server.finished.catch(() => {});
}

async function openServer({ host, port, answer }: ListenOptions) {
  const abort = new AbortController();
  const listening = Promise.withResolvers<Deno.NetAddr>();
  try {
    const server = Deno.serve({
      hostname: host,
      port,
      signal: abort.signal,
      onListen: (address) => listening.resolve(address),
    }, (request, { remoteAddr }) => answer(request, { client: readHost(remoteAddr), joinsChunks: true }));
    return { server, abort, isEnding: false, address: await listening.promise };
  } catch (error) {
    const reason = error instanceof Deno.errors.AddrInUse ? "somebody else listens there" : String(error);
    throw new UsageError(`Cannot listen on ${quoteInput(`${host}:${port}`)}: ${reason}`);
  }
}

function readHost(address: Deno.Addr): string | undefined {
  return "hostname" in address ? address.hostname : undefined;
}
