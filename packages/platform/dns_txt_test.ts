import type { TxtReply } from "@ipcascade/sources";
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { Buffer } from "node:buffer";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { createTxtResolver, type DnsServer } from "./dns_txt.ts";

/** How the test's name server answers; texts are TXT records, each of one or more strings. */
interface Answer {
  readonly code?: number;
  readonly texts?: readonly (readonly Uint8Array[])[];
  readonly isTruncated?: boolean;
  /** Sent in place of the reply. */
  readonly bytes?: Uint8Array;
  /** Sent before the reply. */
  readonly noise?: readonly Uint8Array[];
}

interface NameServer extends DnsServer, AsyncDisposable {
  /** Questions over UDP. */
  readonly count: number;
}

const encode = (text: string) => new TextEncoder().encode(text);
const encodeLatin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const record = (...parts: string[]) => parts.map(encode);

function writeReply(question: Uint8Array, { code = 0, texts = [], isTruncated = false }: Answer): Buffer {
  const head = Buffer.from(question);
  head.writeUInt16BE(0x8180 | code | (isTruncated ? 0x0200 : 0), 2);
  head.writeUInt16BE(isTruncated ? 0 : texts.length, 6);
  if (isTruncated) return head;
  const records = texts.map((parts) => {
    const data = Buffer.concat(parts.map((part) => Buffer.concat([Buffer.from([part.length]), part])));
    const fixed = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 1, 44, data.length >> 8, data.length & 0xff]);
    return Buffer.concat([fixed, data]);
  });
  return Buffer.concat([head, ...records]);
}

/** Opens a name server on loopback; null is silence. TCP answers with `overTcp`. */
async function openNameServer(
  answer: (turn: number) => Answer | null,
  options: { readonly host?: string; readonly overTcp?: Answer } = {},
): Promise<NameServer> {
  const { host = "127.0.0.1", overTcp } = options;
  let count = 0;
  const udp = createSocket(host.includes(":") ? "udp6" : "udp4");
  const tcp = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data: Buffer) => {
      const reply = writeReply(data.subarray(2), overTcp ?? { code: 2 });
      socket.write(Buffer.from([reply.length >> 8, reply.length & 0xff]));
      socket.end(reply);
    });
  });
  udp.on("message", (question, sender) => {
    const reply = answer(count++);
    if (reply === null) return;
    for (const bytes of [...reply.noise ?? [], reply.bytes ?? writeReply(question, reply)]) {
      udp.send(bytes, sender.port, sender.address);
    }
  });
  tcp.listen(0, host);
  await once(tcp, "listening");
  const { port } = tcp.address() as AddressInfo;
  udp.bind(port, host);
  await once(udp, "listening");
  return {
    host,
    port,
    get count() {
      return count;
    },
    async [Symbol.asyncDispose]() {
      const closed = [once(udp, "close"), once(tcp, "close")];
      udp.close();
      tcp.close();
      await Promise.all(closed);
    },
  };
}

function ask(server: DnsServer, timeoutMs = 2_000, signal?: AbortSignal): Promise<TxtReply> {
  return createTxtResolver({ server })("1.2.0.192.origin.asn.cymru.com", { timeoutMs, signal });
}

const FOREIGN = new Uint8Array([0, 0, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]);
for (
  const [label, answer, expected] of [
    ["a record", { texts: [record("a | b")] }, { status: "found", records: ["a | b"] }],
    ["a record of several strings", { texts: [record("a | ", "b")] }, {
      status: "found",
      records: ["a | b"],
    }],
    ["several records", { texts: [record("a"), record("b")] }, { status: "found", records: ["a", "b"] }],
    ["a record in UTF-8", { texts: [record("UNIVERSITÄT")] }, { status: "found", records: ["UNIVERSITÄT"] }],
    ["a record in Latin-1", { texts: [[encodeLatin1("UNIVERSITÄT")]] }, {
      status: "found",
      records: ["UNIVERSITÄT"],
    }],
    ["a name that does not exist", { code: 3 }, { status: "none" }],
    ["a name without such records", {}, { status: "none" }],
    ["a server that fails", { code: 2 }, { status: "failed", reason: "server_error" }],
    ["a server that refuses", { code: 5 }, { status: "failed", reason: "server_error" }],
    ["a server that does not know the question", { code: 4 }, { status: "failed", reason: "server_error" }],
    ["a reply after others' replies", { noise: [FOREIGN, encode("nonsense")], texts: [record("a")] }, {
      status: "found",
      records: ["a"],
    }],
  ] as const satisfies readonly (readonly [string, Answer, TxtReply])[]
) {
  Deno.test(`createTxtResolver() reads ${label}`, async () => {
    await using server = await openNameServer(() => answer);
    assertEquals<TxtReply>(await ask(server), expected);
    assertEquals(server.count, 1);
  });
}

Deno.test("createTxtResolver() takes a reply that ends within a record for garbage", async () => {
  const socket = createSocket("udp4");
  socket.on("message", (question, sender) => {
    const whole = writeReply(question, { texts: [record("a | b")] });
    socket.send(whole.subarray(0, whole.length - 2), sender.port, sender.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  assertEquals(await ask({ host: "127.0.0.1", port: socket.address().port }), {
    status: "failed",
    reason: "garbage",
  });
  socket.close();
});

Deno.test("createTxtResolver() asks over TCP for what does not fit", async () => {
  const long = Array.from(
    { length: 20 },
    (_, index) => record(`${64500 + index} | 192.0.2.0/24 | DE | ripencc | `),
  );
  await using server = await openNameServer(() => ({ isTruncated: true }), { overTcp: { texts: long } });
  const reply = await ask(server);
  assertEquals(reply.status === "found" && reply.records.length, 20);
});

Deno.test("createTxtResolver() gives up on a silent server in time, having asked more than once", async () => {
  await using server = await openNameServer(() => null);
  const startedAt = performance.now();
  assertEquals(await ask(server, 300), { status: "failed", reason: "timeout" });
  const tookMs = performance.now() - startedAt;
  assertGreater(tookMs, 290);
  assertLess(tookMs, 1_000);
  assertEquals(server.count, 2);
});

Deno.test("createTxtResolver() asks again when a datagram is lost", async () => {
  await using server = await openNameServer((turn) => turn === 0 ? null : { texts: [record("a")] });
  assertEquals(await ask(server, 600), { status: "found", records: ["a"] });
});

Deno.test("createTxtResolver() fails where nobody listens", async () => {
  const server = await openNameServer(() => null);
  await server[Symbol.asyncDispose]();
  const reply = await ask(server, 200);
  // Deno does not pass on that the port is closed.
  assert(
    reply.status === "failed" && ["refused", "timeout"].includes(reply.reason),
    JSON.stringify(reply),
  );
});

Deno.test("createTxtResolver() is aborted by its caller, before and while it asks", async () => {
  await using server = await openNameServer(() => null);
  assertEquals(await ask(server, 2_000, AbortSignal.abort()), { status: "failed", reason: "aborted" });
  assertEquals(server.count, 0);
  const caller = new AbortController();
  const startedAt = performance.now();
  const asking = ask(server, 5_000, caller.signal);
  setTimeout(() => caller.abort(), 50);
  assertEquals(await asking, { status: "failed", reason: "aborted" });
  assertLess(performance.now() - startedAt, 1_000);
});

Deno.test({
  name: "createTxtResolver() asks a server over IPv6",
  // Some containers have no IPv6 at all.
  ignore: !Object.values(networkInterfaces()).flat().some((entry) => entry?.address === "::1"),
  fn: async () => {
    await using server = await openNameServer(() => ({ texts: [record("a")] }), { host: "::1" });
    assertEquals(await ask(server), { status: "found", records: ["a"] });
  },
});

Deno.test("createTxtResolver() finds the address of a server that is given by name", async () => {
  await using server = await openNameServer(() => ({ texts: [record("a")] }));
  assertEquals(await ask({ host: "localhost", port: server.port }), { status: "found", records: ["a"] });
});

Deno.test("createTxtResolver() fails when the server's name is unknown", async () => {
  const reply = await ask({ host: "name-server.invalid", port: 53 }, 1_000);
  assert(
    reply.status === "failed" && ["unresolved", "timeout"].includes(reply.reason),
    JSON.stringify(reply),
  );
});

Deno.test("createTxtResolver() does not reject over a name that can't be asked for", async () => {
  await using server = await openNameServer(() => null);
  const resolveTxt = createTxtResolver({ server });
  for (const name of ["", "a..b", `${"x".repeat(64)}.com`, `${"x.".repeat(200)}com`]) {
    assertEquals(await resolveTxt(name, { timeoutMs: 200 }), { status: "failed", reason: "rejected" });
  }
});

Deno.test("createTxtResolver() answers many questions at once, each with its own reply", async () => {
  await using server = await openNameServer((turn) => ({ texts: [record(`${turn}`)] }));
  const replies = await Promise.all(Array.from({ length: 50 }, () => ask(server)));
  const texts = replies.map((reply) => reply.status === "found" ? Number(reply.records[0]) : -1);
  assertEquals(texts.sort((a, b) => a - b), Array.from({ length: 50 }, (_, index) => index));
});
