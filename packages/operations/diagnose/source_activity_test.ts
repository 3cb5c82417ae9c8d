import { LATENCY_BUCKETS, latencyBucket, MS_PER_DAY, MS_PER_HOUR, type RequestHour } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import { JumpingClock, NOON } from "../testing/fakes.ts";
import { readSourceActivity } from "./source_activity.ts";

function hour(hourAt: number, fields: Partial<RequestHour> = {}): RequestHour {
  const buckets = new Array<number>(LATENCY_BUCKETS).fill(0);
  buckets[latencyBucket(20)] = 3;
  return {
    hourAt,
    source: "greynoise",
    channel: "http",
    purpose: "enrich",
    outcome: "answered",
    requests: 3,
    addresses: 3,
    durationMs: 60,
    buckets,
    ...fields,
  };
}

Deno.test("readSourceActivity() sums the last day up, and names each source's newest hour", async () => {
  let askedSince = 0;
  const hours = [
    hour(NOON - 5 * MS_PER_HOUR),
    hour(NOON - 2 * MS_PER_HOUR, { source: "cymru", channel: "dns" }),
    hour(NOON - MS_PER_HOUR, { outcome: "timeout" }),
  ];
  const requests = { list: (since: number) => Promise.resolve((askedSince = since, hours)) };
  const clock = new JumpingClock();
  const { sources } = await readSourceActivity({ requests, clock });
  assertEquals(askedSince, clock.now() - MS_PER_DAY);
  assertEquals(sources.map((one) => [one.source, one.requests, one.last_hour]), [
    ["cymru", 3, "2026-11-23T10:00:00.000Z"],
    ["greynoise", 6, "2026-11-23T11:00:00.000Z"],
  ]);
  assertEquals(sources[1]!.outcomes, { answered: 3, timeout: 3 });
});
