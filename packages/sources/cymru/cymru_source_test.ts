import {
  type CymruAnswer,
  type IpAddress,
  type LookupOutcome,
  parseAddress,
  StoreError,
} from "@ipcascade/core";
import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { createVirtualClock } from "../_test_clock.ts";
import { createFakePeer, createFakeResolver, type Step, writeRow } from "./_test_peer.ts";
import { createCymruSource } from "./cymru_source.ts";

const read = (...texts: string[]): IpAddress[] => texts.map((text) => parseAddress(text)!);

function prepare(
  script: (addresses: readonly string[]) => readonly Step[],
  table: Readonly<Record<string, readonly string[]>> = {},
) {
  const clock = createVirtualClock();
  const peer = createFakePeer(clock, script);
  const resolver = createFakeResolver(table);
  const source = createCymruSource({
    connect: peer.connect,
    resolveTxt: resolver.resolveTxt,
    clock,
    host: "whois.example",
    port: 43,
    timeoutMs: 30_000,
  });
  return { clock, peer, resolver, source };
}

function summarise(outcomes: ReadonlyMap<string, LookupOutcome<CymruAnswer>>): Record<string, string> {
  return Object.fromEntries([...outcomes].map(([text, outcome]) => {
    if (outcome.status === "hit") return [text, `AS${outcome.data.asn}`];
    return [text, outcome.status === "failed" ? outcome.failure.reason : outcome.status];
  }));
}

Deno.test("lookUpMany() asks DNS about one address and never whois, even where DNS knows nothing", async () => {
  const { clock, peer, resolver, source } = prepare(() => []);
  const progress: number[] = [];
  const outcomes = await clock.run(
    source.lookUpMany(read("1.2.3.4"), { onProgress: (n) => progress.push(n) }),
  );
  assertEquals(summarise(outcomes), { "1.2.3.4": "miss" });
  assertEquals(resolver.names, ["4.3.2.1.origin.asn.cymru.com"]);
  assertEquals([peer.questions.length, progress], [0, [1]]);
});

Deno.test("lookUpMany() asks whois about several addresses in one session, each once", async () => {
  const { clock, peer, resolver, source } = prepare((asked) =>
    asked.map((ip, index) => writeRow(ip, 64501 + index))
  );
  const addresses = read("192.0.2.2", "2a02::1", "192.0.2.2", "::ffff:192.0.2.2");
  const outcomes = await clock.run(source.lookUpMany(addresses, {}));
  assertEquals(summarise(outcomes), { "192.0.2.2": "AS64501", "2a02::1": "AS64502" });
  assertEquals(peer.questions, ["begin\nverbose\n192.0.2.2\n2a02::1\nend\n"]);
  assertEquals(resolver.names, []);
  const hit = outcomes.get("192.0.2.2");
  assertEquals(hit?.status === "hit" && hit.data.checked_at, "2026-11-23T12:00:00.000Z");
});

Deno.test("lookUpMany() skips, and asks nobody, when nobody knows whose turn it is", async () => {
  const clock = createVirtualClock();
  const limiter = { take: () => Promise.reject(new StoreError("Cannot use the database: gone")) };
  const peer = createFakePeer(clock, () => []);
  const resolver = createFakeResolver({});
  const source = createCymruSource({
    connect: peer.connect,
    resolveTxt: resolver.resolveTxt,
    clock,
    host: "whois.example",
    port: 43,
    timeoutMs: 30_000,
    sessionLimiter: limiter,
    dnsLimiter: limiter,
  });
  const skipped = { status: "skipped", reason: "rate_unknown", until: null } as const;
  for (const addresses of [["192.0.2.1"], ["192.0.2.1", "192.0.2.2"]]) {
    const outcomes = await clock.run(source.lookUpMany(read(...addresses), {}));
    assertEquals([...outcomes], addresses.map((text) => [text, skipped]));
  }
  assertEquals([peer.questions, resolver.names], [[], []]);
});

Deno.test("lookUpMany() asks DNS about one address that is given twice", async () => {
  const { clock, peer, source } = prepare(() => []);
  const outcomes = await clock.run(source.lookUpMany(read("1.2.3.4", "1.2.3.4"), {}));
  assertEquals([outcomes.size, peer.questions.length], [1, 0]);
});

Deno.test("lookUpMany() asks nobody about nothing", async () => {
  const { clock, peer, resolver, source } = prepare(() => []);
  assertEquals(await clock.run(source.lookUpMany([], {})), new Map());
  assertEquals([peer.questions.length, resolver.names.length], [0, 0]);
});

Deno.test("lookUpMany() refuses more than 10 000 addresses and takes 10 000", async () => {
  const { clock, peer, source } = prepare((asked) => asked.map((ip) => writeRow(ip)));
  const many = Array.from(
    { length: 10_001 },
    (_, index) => parseAddress(`10.0.${index >> 8}.${index & 255}`)!,
  );
  await assertRejects(() => source.lookUpMany(many, {}), RangeError, "10001");
  assertEquals(peer.questions.length, 0);
  const outcomes = await clock.run(source.lookUpMany(many.slice(1), {}));
  assertEquals([...outcomes.values()].filter(({ status }) => status === "hit").length, 10_000);
  assertEquals(peer.questions.length, 1);
});

const NA = (ip: string) => `NA | ${ip} | NA | | other | | NA\n`;
const ERROR = "Error: no ASN or IP match on line 3.\n";
for (
  const [label, steps, expected] of [
    ["not announced", [writeRow("192.0.2.1"), NA("192.0.2.2"), NA("192.0.2.3")], ["AS64500", "miss", "miss"]],
    ["announced beside NA", [NA("192.0.2.1"), writeRow("192.0.2.1"), NA("192.0.2.2"), NA("192.0.2.3")], [
      "AS64500",
      "miss",
      "miss",
    ]],
    ["missing from a reply that was closed in order", [writeRow("192.0.2.1")], ["AS64500", "cut", "cut"]],
    ["missing from an empty reply", [], ["cut", "cut", "cut"]],
    ["missing from a reply of a banner", ["Bulk mode; x\n"], ["cut", "cut", "cut"]],
    ["answered by a web page", ["<html>\n<body>login</body>\n"], ["garbage", "garbage", "garbage"]],
    ["named by error lines, all of them", [writeRow("192.0.2.2"), ERROR, ERROR], [
      "rejected",
      "AS64500",
      "rejected",
    ]],
    ["named by too few error lines to be sure", [writeRow("192.0.2.2"), ERROR], ["cut", "AS64500", "cut"]],
    ["behind a reset", [writeRow("192.0.2.1"), ERROR, "reset"], ["AS64500", "cut", "cut"]],
    ["behind silence", [writeRow("192.0.2.1"), "hang"], ["AS64500", "timeout", "timeout"]],
  ] as const
) {
  Deno.test(`lookUpMany() tells what became of addresses that are ${label}`, async () => {
    const { clock, source } = prepare(() => steps);
    const outcomes = await clock.run(source.lookUpMany(read("192.0.2.1", "192.0.2.2", "192.0.2.3"), {}));
    assertEquals(Object.values(summarise(outcomes)), expected as readonly string[]);
  });
}

Deno.test("lookUpMany() opens ten sessions at once, then one a second", async () => {
  const { clock, peer, source } = prepare((asked) => asked.map((ip) => writeRow(ip)));
  const pair = read("192.0.2.1", "192.0.2.2");
  await clock.run(Promise.all(Array.from({ length: 10 }, () => source.lookUpMany(pair, {}))));
  assertEquals([peer.questions.length, clock.elapsed()], [10, 0]);
  await clock.run(Promise.all(Array.from({ length: 20 }, () => source.lookUpMany(pair, {}))));
  assertEquals([peer.questions.length, clock.elapsed()], [30, 20_000]);
});

Deno.test("lookUpMany() opens no session for a caller that has given up", async () => {
  const { clock, peer, source } = prepare(() => []);
  const options = { signal: AbortSignal.abort() };
  const outcomes = await clock.run(source.lookUpMany(read("192.0.2.1", "192.0.2.2"), options));
  assertEquals(summarise(outcomes), { "192.0.2.1": "aborted", "192.0.2.2": "aborted" });
  assertEquals(peer.questions.length, 0);
});

Deno.test("lookUpMany() brings each address its own answer, whatever the order of the rows", async () => {
  const hosts = fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 2, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(hosts, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), async (
      asked,
      keys,
    ) => {
      const { clock, source } = prepare((addresses) => {
        const lines = addresses.map((ip) => writeRow(ip, 64000 + Number(ip.split(".")[3])));
        const order = new Map(lines.map((line) => [line, keys.next().value]));
        return lines.sort((a, b) => order.get(a)! - order.get(b)!);
      });
      const addresses = asked.map((host) => parseAddress(`192.0.2.${host}`)!);
      const outcomes = await clock.run(source.lookUpMany(addresses, {}));
      assertEquals(
        summarise(outcomes),
        Object.fromEntries(asked.map((host) => [`192.0.2.${host}`, `AS${64000 + host}`])),
      );
    }),
    { numRuns: 50 },
  );
});
