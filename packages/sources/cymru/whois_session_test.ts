import { assert, assertEquals, assertLess } from "@std/assert";
import { createVirtualClock } from "../_test_clock.ts";
import { createFakePeer, type Step, writeRow } from "./_test_peer.ts";
import type { ConnectTcp } from "./tcp_connection.ts";
import { holdWhoisSession } from "./whois_session.ts";

const ADDRESSES = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
const TARGET = { host: "whois.example", port: 43, timeoutMs: 30_000 };

async function hold(script: (addresses: readonly string[]) => readonly Step[], addresses = ADDRESSES) {
  const clock = createVirtualClock();
  const peer = createFakePeer(clock, script);
  const progress: number[] = [];
  const session = await clock.run(
    holdWhoisSession(addresses, { ...TARGET, clock, connect: peer.connect }, {
      onProgress: (answered) => progress.push(answered),
    }),
  );
  assertEquals(peer.openCount, 0, "the connection was left open");
  return { session, peer, progress, tookMs: clock.elapsed() };
}

Deno.test("holdWhoisSession() asks in bulk form and reads to the end", async () => {
  const { session, peer, progress } = await hold((
    asked,
  ) => ["Bulk mode; x\n", ...asked.map((ip) => writeRow(ip))]);
  assertEquals(peer.questions, ["begin\nverbose\n192.0.2.1\n192.0.2.2\n192.0.2.3\nend\n"]);
  assertEquals(session.failure, null);
  assertEquals([...session.reply.origins.keys()], ADDRESSES);
  assertEquals(progress, [0, 1, 2, 3]);
});

const rows = (...steps: Step[]): readonly Step[] => [writeRow("192.0.2.1"), ...steps];
for (
  const [label, script, reason, answered, tookMs] of [
    ["accepts and says nothing", ["hang"], "timeout", 0, 30_000],
    ["goes silent within the reply", rows("hang"), "timeout", 1, 30_000],
    ["resets before the reply", ["reset"], "unreachable", 0, 0],
    ["resets within the reply", rows("reset"), "cut", 1, 0],
    ["closes within the reply", rows(writeRow("192.0.2.2").slice(0, 30)), null, 1, 0],
    ["sends a line without end", rows("x".repeat(5000), "hang"), "garbage", 1, 0],
    ["sends rows without end", Array<string>(2000).fill(writeRow("192.0.2.1")), "garbage", 1, 0],
    [
      "drips for ever",
      Array.from({ length: 200 }, (_, index): Step => index % 2 === 0 ? { waitMs: 20_000 } : "\n"),
      "timeout",
      0,
      30_060,
    ],
  ] as const
) {
  Deno.test(`holdWhoisSession() keeps what came when the server ${label}`, async () => {
    const { session, ...got } = await hold(() => script);
    assertEquals(session.failure?.reason ?? null, reason);
    assertEquals(session.reply.origins.size, answered);
    assertEquals(got.tookMs, tookMs);
  });
}

Deno.test("holdWhoisSession() does not wait long for a server that forgets to close", async () => {
  const { session, tookMs } = await hold((asked) => [...asked.map((ip) => writeRow(ip)), "hang"]);
  assertEquals(session.reply.origins.size, 3);
  assertEquals(tookMs, 2_000);
});

Deno.test("holdWhoisSession() has more patience with more addresses", async () => {
  const many = Array.from({ length: 5_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  const { session, tookMs } = await hold(
    (asked) => asked.flatMap((ip) => [{ waitMs: 15 }, writeRow(ip)]),
    many,
  );
  assertEquals(session.failure, null);
  assertEquals(session.reply.origins.size, 5_000);
  assertEquals(tookMs, 75_000);
});

Deno.test("holdWhoisSession() gives up on connecting in time, and drops a late connection by its signal", async () => {
  const clock = createVirtualClock();
  let isAborted = false;
  const connect: ConnectTcp = ({ signal }) => {
    signal?.addEventListener("abort", () => isAborted = true);
    return new Promise(() => {});
  };
  const session = await clock.run(holdWhoisSession(ADDRESSES, { ...TARGET, clock, connect }, {}));
  assertEquals(session.failure?.reason, "timeout");
  assertEquals([clock.elapsed(), isAborted], [30_000, true]);
});

Deno.test("holdWhoisSession() tells a server that refuses", async () => {
  const clock = createVirtualClock();
  const connect: ConnectTcp = () => Promise.reject(new Error("connect ECONNREFUSED"));
  const session = await clock.run(holdWhoisSession(ADDRESSES, { ...TARGET, clock, connect }, {}));
  assertEquals(session.failure, {
    reason: "refused",
    message: 'Cannot ask whois server "whois.example:43": the connection was refused',
  });
});

Deno.test("holdWhoisSession() tells a server whose name nobody knows", async () => {
  const clock = createVirtualClock();
  const connect: ConnectTcp = () => Promise.reject(new Error("getaddrinfo ENOTFOUND whois.example"));
  const session = await clock.run(holdWhoisSession(ADDRESSES, { ...TARGET, clock, connect }, {}));
  assertEquals(session.failure, {
    reason: "unresolved",
    message: 'Cannot ask whois server "whois.example:43": the name of the host can\'t be resolved',
  });
});

Deno.test("holdWhoisSession() stops when the caller gives up and keeps what came", async () => {
  const clock = createVirtualClock();
  const peer = createFakePeer(clock, () => [writeRow("192.0.2.1"), { waitMs: 5_000 }, writeRow("192.0.2.2")]);
  const caller = new AbortController();
  const held = holdWhoisSession(ADDRESSES, { ...TARGET, clock, connect: peer.connect }, {
    signal: caller.signal,
  });
  await clock.run(clock.sleep(1_000));
  caller.abort();
  const session = await held;
  assertEquals(session.failure?.reason, "aborted");
  assertEquals([...session.reply.origins.keys()], ["192.0.2.1"]);
  assertEquals(peer.openCount, 0);
});

Deno.test("holdWhoisSession() reads while it writes", async () => {
  const clock = createVirtualClock();
  const many = Array.from({ length: 3_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  let taken = 0;
  let given = 0;
  // A server with little room: it takes no further address before the rows so far are read.
  const connect: ConnectTcp = () => {
    const waiting: { readonly bytes: Uint8Array; readonly done: () => void }[] = [];
    return Promise.resolve({
      write: (bytes) => new Promise<void>((done) => waiting.push({ bytes, done })),
      end: () => Promise.resolve(),
      close: () => {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
      async *[Symbol.asyncIterator]() {
        let text = "";
        while (!text.endsWith("\nend\n")) {
          const next = waiting.shift();
          if (next === undefined) {
            await Promise.resolve();
            continue;
          }
          const part = new TextDecoder().decode(next.bytes);
          text += part;
          taken++;
          for (const ip of part.split("\n").filter((line) => line.includes("."))) {
            yield new TextEncoder().encode(writeRow(ip));
            given++;
          }
          next.done();
        }
      },
    });
  };
  const session = await clock.run(holdWhoisSession(many, { ...TARGET, clock, connect }, {}));
  assertEquals(session.failure, null);
  assertEquals([session.reply.origins.size, given], [3_000, 3_000]);
  assert(taken > 3);
  assertLess(clock.elapsed(), 1);
});
