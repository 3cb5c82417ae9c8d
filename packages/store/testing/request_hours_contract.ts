import { LATENCY_BUCKETS, MS_PER_HOUR, type RequestHour, type RequestHours } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { NOON } from "./rows.ts";

function hour(fields: Partial<RequestHour> = {}): RequestHour {
  const buckets = new Array<number>(LATENCY_BUCKETS).fill(0);
  buckets[50] = 2;
  return {
    hourAt: NOON,
    source: "cymru",
    channel: "whois",
    purpose: "enrich",
    outcome: "answered",
    requests: 2,
    addresses: 5_000_000_000,
    durationMs: 123.25,
    buckets,
    ...fields,
  };
}

/** What every record of requests does. */
export const REQUEST_HOURS_CONTRACT: readonly ContractCase<RequestHours>[] = [
  {
    name: "addMany() adds to what is kept, bucket by bucket",
    run: async (hours) => {
      await hours.addMany([]);
      await hours.addMany([hour()]);
      const buckets = new Array<number>(LATENCY_BUCKETS).fill(0);
      buckets[0] = 1;
      buckets[50] = 3;
      await hours.addMany([hour({ requests: 4, addresses: 7, durationMs: 0.5, buckets })]);
      const sum = [...buckets];
      sum[50] = 5;
      const added = { requests: 6, addresses: 5_000_000_007, durationMs: 123.75, buckets: sum };
      assertEquals(await hours.list(NOON), [hour(added)]);
    },
  },
  {
    name: "list() keeps hours, sources, channels, purposes and outcomes apart, the oldest first",
    run: async (hours) => {
      const all = [
        hour({ hourAt: NOON - MS_PER_HOUR, purpose: "work" }),
        hour({ channel: "dns", outcome: "timeout" }),
        hour(),
        hour({ outcome: "failed" }),
        hour({ source: "greynoise", channel: "http", outcome: "limited" }),
        hour({ source: "maxmind", channel: "local" }),
      ];
      await hours.addMany([...all].reverse());
      const keys = (list: readonly RequestHour[]) =>
        list.map((one) => [one.hourAt, one.source, one.channel, one.purpose, one.outcome].join(" ")).sort();
      const listed = await hours.list(0);
      assertEquals(keys(listed), keys(all));
      assertEquals(listed[0]!.hourAt, NOON - MS_PER_HOUR);
      assertEquals((await hours.list(NOON - 1)).length, 6, "the hour in which it lies is not over");
      assertEquals((await hours.list(NOON)).length, 5);
      assertEquals(await hours.list(NOON + MS_PER_HOUR), []);
    },
  },
  {
    name: "perHour() adds up what one source was asked, by channel",
    run: async (hours) => {
      await hours.addMany([
        hour({ hourAt: NOON - MS_PER_HOUR, requests: 1, addresses: 3 }),
        hour({ requests: 1, addresses: 10 }),
        hour({ requests: 2, addresses: 20, outcome: "timeout" }),
        hour({ requests: 3, addresses: 30, purpose: "work", outcome: "failed" }),
        hour({ requests: 9, addresses: 9, channel: "dns" }),
        hour({ source: "greynoise", channel: "http" }),
      ]);
      assertEquals(await hours.perHour("cymru", NOON - MS_PER_HOUR), [
        { hourAt: NOON - MS_PER_HOUR, channel: "whois", requests: 1, addresses: 3, unanswered: 0 },
        { hourAt: NOON, channel: "dns", requests: 9, addresses: 9, unanswered: 0 },
        { hourAt: NOON, channel: "whois", requests: 6, addresses: 60, unanswered: 5 },
      ]);
    },
  },
  {
    name: "prune() forgets what began before",
    run: async (hours) => {
      await hours.addMany([hour({ hourAt: NOON - MS_PER_HOUR }), hour()]);
      assertEquals(await hours.prune(NOON - MS_PER_HOUR), 0);
      assertEquals(await hours.prune(NOON), 1);
      assertEquals(await hours.list(0), [hour()]);
    },
  },
  {
    name: "addMany() loses nothing when several write the same hours at once",
    run: async (hours) => {
      const some = [hour({ outcome: "failed" }), hour(), hour({ source: "maxmind", channel: "local" })];
      const writers = Array.from({ length: 12 }, (_, n) => hours.addMany(n % 2 ? some : [...some].reverse()));
      await Promise.all(writers);
      assertEquals((await hours.list(0)).map(({ requests }) => requests), [24, 24, 24]);
    },
  },
];
