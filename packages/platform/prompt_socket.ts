import { connect, type Socket } from "node:net";

/**
 * Begins a connection whose small messages are sent at once. Left to itself a system holds one back while an earlier
 * one is not acknowledged, and the end of each COPY waits 40 ms for that, twice.
 */
export function openPromptSocket({ host, port }: { readonly host: string; readonly port: number }): Socket {
  const socket = connect({ host, port });
  socket.once("connect", () => socket.setNoDelay(true));
  // What the driver puts on the sockets that it opens by itself, and goes by when it begins TLS.
  return Object.assign(socket, { host, port });
}
