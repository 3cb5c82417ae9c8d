import { createAdaptorServer } from "@hono/node-server";
import { quoteInput, UsageError } from "@ipcascade/core";
import { type Listener, ListenLostError, type ListenOptions } from "./listener.ts";

/** The part of a server of `node:http` that is used. */
interface NodeServer {
  listen(port: number, host: string, listener: () => void): unknown;
  address(): unknown;
  close(listener: () => void): unknown;
  closeAllConnections(): void;
  closeIdleConnections(): void;
  /** Without a free file handle a connection is closed at once: that is no error. */
  on(event: "error", listener: (error: Error & { readonly code?: string }) => void): unknown;
}

/** Listens on Node. */
export async function listenOnNode({ host, port, answer }: ListenOptions): Promise<Listener> {
  const server = createAdaptorServer({
    fetch: (request, bindings) => answer(request, { client: bindings.incoming.socket.remoteAddress }),
    // What a request is given up for is the app's to decide.
    overrideGlobalObjects: false,
  }) as unknown as NodeServer;
  await new Promise<void>((resolve, reject) => {
    server.on("error", ({ code, message }) => {
      const reason = code === "EADDRINUSE" ? "somebody else listens there" : message;
      reject(new UsageError(`Cannot listen on ${quoteInput(`${host}:${port}`)}: ${reason}`));
    });
    server.listen(port, host, resolve);
  });
  const lost = new Promise<ListenLostError>((resolve) => {
    server.on("error", ({ message }) => resolve(new ListenLostError(`Cannot go on listening: ${message}`)));
  });
  const address = server.address() as { readonly address: string; readonly port: number };
  let closed: Promise<void> | null = null;
  const close = () =>
    closed ??= new Promise<void>((resolve) => {
      server.close(resolve);
      server.closeIdleConnections();
    });
  return {
    host: address.address,
    port: address.port,
    lost,
    drain: close,
    close: () => {
      const ended = close();
      server.closeAllConnections();
      return ended;
    },
  };
}
