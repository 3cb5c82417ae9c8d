import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { connectTcp } from "./tcp.ts";

/** A server on loopback that hands each connection to `serve`. */
async function openServer(
  serve: (socket: Socket) => void,
): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const host = "127.0.0.1";
const encode = (text: string) => new TextEncoder().encode(text);

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  return text;
}

Deno.test("connectTcp() writes, half closes and reads to the end", async () => {
  await using server = await openServer((socket) => {
    let text = "";
    socket.on("data", (chunk) => text += chunk);
    socket.on("end", () => socket.end(`got ${text}`));
  });
  await using connection = await connectTcp({ host, port: server.port });
  await connection.write(encode("one "));
  await connection.write(encode("two"));
  await connection.end();
  assertEquals(await readAll(connection), "got one two");
});

Deno.test("connectTcp() rejects where nobody listens", async () => {
  const server = await openServer(() => {});
  await server[Symbol.asyncDispose]();
  await assertRejects(() => connectTcp({ host, port: server.port }), Error);
});

Deno.test("connectTcp() rejects with the signal's reason, before and while it connects", async () => {
  const reason = new Error("enough");
  await assertRejects(
    () => connectTcp({ host, port: 9, signal: AbortSignal.abort(reason) }),
    Error,
    "enough",
  );
  const caller = new AbortController();
  // A documentation address: nobody answers, wherever the test runs.
  const connecting = connectTcp({ host: "203.0.113.1", port: 9, signal: caller.signal });
  const startedAt = performance.now();
  caller.abort(reason);
  await assertRejects(() => connecting, Error, "enough");
  assertLess(performance.now() - startedAt, 1_000);
});

Deno.test("close() ends a read that waits", async () => {
  await using server = await openServer(() => {});
  const connection = await connectTcp({ host, port: server.port });
  const reading = readAll(connection).catch(() => "broken");
  await connection.write(encode("x"));
  connection.close();
  connection.close();
  assert(["", "broken"].includes(await reading));
  await connection[Symbol.asyncDispose]();
});

Deno.test("connectTcp() gives what came before a cut", async () => {
  await using server = await openServer((socket) => socket.write("half of it", () => socket.destroy()));
  await using connection = await connectTcp({ host, port: server.port });
  let text = "";
  try {
    for await (const chunk of connection) text += new TextDecoder().decode(chunk);
  } catch {
    // Whether the end shows as an error depends on what the server had left unread.
  }
  assertEquals(text, "half of it");
});

Deno.test("write() rejects once the other side is gone, and nothing is thrown beside it", async () => {
  await using server = await openServer((socket) => socket.destroy());
  await using connection = await connectTcp({ host, port: server.port });
  await assertRejects(async () => {
    for (let turn = 0; turn < 1_000; turn++) await connection.write(new Uint8Array(65_536));
  });
});

Deno.test("a connection that is not read holds its server back", async () => {
  let written = 0;
  await using server = await openServer((socket) => {
    const push = () => {
      while (written < 64_000_000 && socket.write(new Uint8Array(65_536))) written += 65_536;
    };
    socket.on("drain", push);
    push();
  });
  await using connection = await connectTcp({ host, port: server.port });
  const chunks = connection[Symbol.asyncIterator]();
  await chunks.next();
  await new Promise((resolve) => setTimeout(resolve, 150));
  assertLess(written, 32_000_000);
});
