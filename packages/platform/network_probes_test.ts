import { assert, assertEquals } from "@std/assert";
import { createServer } from "node:net";
import { createNetworkProbes } from "./network_probes.ts";
import { openBlackhole } from "./testing/blackhole.ts";

const probes = createNetworkProbes(() => performance.now());

function within(timeoutMs: number, signal = new AbortController().signal) {
  return { timeoutMs, signal };
}

Deno.test("resolve() gives addresses, and tells a name that nobody knows", async () => {
  const local = await probes.resolve("127.0.0.1", within(1_000));
  assertEquals(local.status === "resolved" && local.addresses, ["127.0.0.1"]);
  const named = await probes.resolve("localhost", within(1_000));
  assertEquals(named.status, "resolved");
  // RFC 6761: names below `.invalid` never exist.
  const unknown = await probes.resolve("whois.invalid", within(5_000));
  assertEquals(unknown.status === "failed" && unknown.reason, "unresolved");
});

Deno.test("connect() tells our own address, sends nothing and closes at once", async () => {
  let received = 0;
  const server = createServer((socket) => {
    socket.on("data", (chunk) => void (received += chunk.length));
    socket.on("end", () => closed());
  });
  let closed = () => {};
  const closing = new Promise<void>((resolve) => void (closed = resolve));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const connection = await probes.connect({ host: "127.0.0.1", port }, within(1_000));
  assertEquals(connection.status === "connected" && connection.localAddress, "127.0.0.1");
  await closing;
  assertEquals(received, 0);
  await new Promise((resolve) => server.close(resolve));
  const refused = await probes.connect({ host: "127.0.0.1", port }, within(1_000));
  assertEquals(refused.status === "failed" && refused.reason, "refused");
});

Deno.test("connect() to a port that drops packets is a timeout after the time, and no earlier", async () => {
  using hole = await openBlackhole();
  const startedAt = performance.now();
  const dropped = await probes.connect(hole, within(300));
  const tookMs = performance.now() - startedAt;
  assertEquals(dropped.status === "failed" && dropped.reason, "timeout");
  assert(tookMs >= 290 && tookMs < 1_500, `${tookMs} ms`);
});

Deno.test("connect() ends as aborted when it is stopped", async () => {
  using hole = await openBlackhole();
  const stop = new AbortController();
  const probing = probes.connect(hole, within(60_000, stop.signal));
  stop.abort();
  const stopped = await probing;
  assertEquals(stopped.status === "failed" && stopped.reason, "aborted");
  const late = await probes.connect(hole, within(60_000, AbortSignal.abort()));
  assertEquals(late.status === "failed" && late.reason, "aborted");
});
