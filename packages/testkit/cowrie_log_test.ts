import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
  assertNotEquals,
} from "@std/assert";
import { readFile } from "node:fs/promises";
import { formatAddress, parseAddress } from "./address.ts";
import { COWRIE_LOG_TOTALS, COWRIE_LOG_URL, type CowrieTotals, writeCowrieLog } from "./cowrie_log.ts";
import { describeAddress, LOCAL_ADDRESSES, WORLD } from "./world.ts";

interface Event {
  readonly eventid: string;
  readonly session: string;
  readonly src_ip: string;
  readonly timestamp: string;
  readonly duration?: number | string;
}

function readEvents(text: string): Event[] {
  return text.trimEnd().split("\n").map((line) => JSON.parse(line) as Event);
}

function canonical(address: string): string {
  return formatAddress(parseAddress(address.replace(/^::ffff:/, "")));
}

function total(events: readonly Event[]): CowrieTotals {
  const count = (...ids: string[]) => events.filter(({ eventid }) => ids.includes(eventid)).length;
  return {
    lines: events.length,
    sessions: new Set(events.map(({ session }) => session)).size,
    addresses: new Set(events.map(({ src_ip }) => canonical(src_ip))).size,
    logins: count("cowrie.login.failed", "cowrie.login.success"),
    commands: count("cowrie.command.input"),
    downloads: count("cowrie.session.file_download"),
  };
}

const TEXT = await readFile(COWRIE_LOG_URL, "utf8");
const EVENTS = readEvents(TEXT);

Deno.test("writeCowrieLog() writes the checked-in log when called without options", () => {
  assert([...writeCowrieLog()].join("") === TEXT, "run packages/testkit/write_testdata.ts");
  assertLess(TEXT.length, 700_000);
});

Deno.test("COWRIE_LOG_TOTALS tells what the checked-in log holds", () => {
  assertEquals(total(EVENTS), COWRIE_LOG_TOTALS);
  assertGreaterOrEqual(COWRIE_LOG_TOTALS.sessions, 300);
  assertGreaterOrEqual(COWRIE_LOG_TOTALS.addresses, 120);
  assertGreater(COWRIE_LOG_TOTALS.downloads, 50);
});

Deno.test("the checked-in log holds every kind of address", () => {
  const addresses = [...new Set(EVENTS.map(({ src_ip }) => canonical(src_ip)))];
  const kinds = new Set(addresses.map((address) => describeAddress(address).coverage));
  for (const { coverage } of WORLD) assert(kinds.has(coverage), coverage);
  assert(addresses.some((address) => LOCAL_ADDRESSES.includes(address)), "local");
  assert(addresses.some((address) => address.includes(":")), "IPv6");
  assert(addresses.some((address) => describeAddress(address).noise?.riot), "RIOT");
  assert(
    addresses.some((address) => describeAddress(address).noise?.classification === "malicious"),
    "scanner",
  );
  assert(EVENTS.some(({ src_ip }) => src_ip.startsWith("::ffff:")), "mapped");
});

Deno.test("the checked-in log holds both spellings and is in the order of time", () => {
  const durations = EVENTS.filter(({ eventid }) => eventid === "cowrie.session.closed");
  assertEquals(new Set(durations.map(({ duration }) => typeof duration)), new Set(["number", "string"]));
  assert(durations.some(({ duration }) => Number(duration) >= 300), "a long session");
  const times = EVENTS.map(({ timestamp }) => timestamp.slice(0, 23));
  assertEquals(times, [...times].sort());
  const first = TEXT.split("\n").map((line) => line.slice(0, 12));
  assertGreaterOrEqual(new Set(first).size, 3, "key orders");
  assertGreaterOrEqual(new Set(EVENTS.map(({ eventid }) => eventid)).size, 14);
});

Deno.test("writeCowrieLog() follows its options", () => {
  const log = (options: Parameters<typeof writeCowrieLog>[0]) => [...writeCowrieLog(options)];
  assertNotEquals(log({ seed: 2, sessions: 20 }), log({ seed: 3, sessions: 20 }));
  const few = readEvents(log({ sessions: 50, addresses: ["1.2.3.4"], spelling: "new" }).join(""));
  assertEquals(new Set(few.map(({ src_ip }) => canonical(src_ip))), new Set(["1.2.3.4"]));
  assert(few.every(({ duration }) => typeof duration !== "number"));
  assertEquals(new Set(few.map(({ session }) => session)).size, 50);
  const noisy = log({ sessions: 100, withNoise: true });
  assert(noisy.some((line) => !line.startsWith("{")));
});

Deno.test("writeCowrieLog() streams a log without end", () => {
  let bytes = 0;
  for (const line of writeCowrieLog({ sessions: Infinity })) {
    bytes += line.length;
    if (bytes > 5_000_000) break;
  }
  assertGreater(bytes, 5_000_000);
});
