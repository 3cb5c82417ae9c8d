import { connect, type Socket } from "node:net";

/** An address and port of loopback on which connecting never ends, as where packets are dropped. */
export interface Blackhole extends Disposable {
  readonly host: string;
  readonly port: number;
}

/** What a queue with a backlog of one takes. */
const CAPACITY = 2;

/**
 * Opens a port whose queue of connections is full and which nobody accepts from: the kernel then drops every further
 * SYN silently, as a null route does. `port` 0 is a free one.
 */
export async function openBlackhole(hostname = "127.0.0.1", port = 0): Promise<Blackhole> {
  const listener = Deno.listen({ hostname, port, tcpBacklog: CAPACITY - 1 });
  const place = { host: hostname, port: listener.addr.port };
  const fillers: Socket[] = [];
  for (let index = 0; index < CAPACITY; index++) fillers.push(await openFiller(place));
  return {
    ...place,
    [Symbol.dispose]() {
      for (const filler of fillers) filler.destroy();
      listener.close();
    },
  };
}

function openFiller(place: { readonly host: string; readonly port: number }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(place);
    socket.once("error", reject);
    socket.once("connect", () => resolve(socket));
  });
}

/** A port of loopback on which nobody listens. */
export function findClosedPort(hostname = "127.0.0.1"): number {
  const listener = Deno.listen({ hostname, port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
