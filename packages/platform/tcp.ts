import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { TcpConnection, TcpTarget } from "@ipcascade/sources";

/** Opens a TCP connection. Rejects with the system's error, or with the signal's reason. */
export async function connectTcp(target: TcpTarget): Promise<TcpConnection> {
  const { host, port, signal } = target;
  signal?.throwIfAborted();
  const socket = connect({ host, port });
  // Without a listener, an error that comes when nobody reads or writes would end the process.
  socket.on("error", () => undefined);
  try {
    await once(socket, "connect", { signal });
  } catch (error) {
    socket.destroy();
    throw signal?.aborted ? signal.reason : error;
  }
  return wrapSocket(socket);
}

function wrapSocket(socket: Socket): TcpConnection {
  return {
    [Symbol.asyncIterator]: () => socket[Symbol.asyncIterator](),
    write: (bytes) => settle((done) => socket.write(bytes, done)),
    end: () => settle((done) => socket.end(done)),
    close: () => {
      socket.destroy();
    },
    [Symbol.asyncDispose]: async () => {
      if (socket.closed) return;
      const closed = once(socket, "close");
      socket.destroy();
      await closed;
    },
  };
}

function settle(act: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => act((error) => error ? reject(error) : resolve()));
}
