import { connect, createServer, type Socket } from "node:net";
import { listen } from "../../packages/testkit/lab/tcp_server.ts";

/** A server that seems far away. */
export interface SlowLink extends AsyncDisposable {
  readonly port: number;
}

/** Passes bytes on to a server on loopback, each of them so many milliseconds later, both ways. */
export async function openSlowLink(port: number, delayMs: number): Promise<SlowLink> {
  const server = await listen(createServer((socket) => {
    const target = connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    target.setNoDelay(true);
    forward(socket, target, delayMs);
    forward(target, socket, delayMs);
  }));
  return { port: server.port, [Symbol.asyncDispose]: () => server.close() };
}

function forward(from: Socket, to: Socket, delayMs: number): void {
  const end = () => to.destroy();
  from.on("close", end).on("error", end);
  // Bytes follow each other as fast as they came: what is late is the first of them.
  from.on("data", (bytes) => {
    setTimeout(() => to.destroyed || to.write(bytes), delayMs);
  });
}
