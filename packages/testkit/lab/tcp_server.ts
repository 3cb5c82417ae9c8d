import type { AddressInfo, Server, Socket } from "node:net";

/** A listening server. */
export interface OpenServer {
  readonly port: number;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/** Starts a TCP or HTTP server on loopback and remembers its connections, so that closing never waits for one. */
export async function listen(server: Server, port = 0): Promise<OpenServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Ends a connection with a reset, where the runtime can; else without a farewell. */
export function resetSocket(socket: Socket): void {
  if (typeof socket.resetAndDestroy === "function") {
    try {
      socket.resetAndDestroy();
      return;
    } catch {
      // Not every runtime has it for every kind of socket.
    }
  }
  socket.destroy();
}

/** What can be written to without end. */
interface Sink {
  write(chunk: Uint8Array): boolean;
  on(event: "drain" | "close", listener: () => void): unknown;
  readonly destroyed: boolean;
}

/** Writes one chunk again and again, as fast as the other side reads, until it leaves. */
export async function writeForever(sink: Sink, chunk: Uint8Array): Promise<void> {
  let wake = () => {};
  let closed = false;
  sink.on("drain", () => wake());
  sink.on("close", () => {
    closed = true;
    wake();
  });
  while (!closed && !sink.destroyed) {
    const hasRoom = sink.write(chunk);
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (hasRoom) setTimeout(resolve, 0);
      else if (sink.destroyed) resolve();
    });
  }
}

/** Resolves after some milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
