import { assert, assertEquals } from "@std/assert";
import { MS_PER_HOUR } from "./clock.ts";
import type { SourceRequest } from "./request.ts";
import { latencyBucket } from "./request_latency.ts";
import { RequestTally } from "./request_tally.ts";

const NOON = Date.UTC(2026, 10, 23, 12);
const SESSION: SourceRequest = {
  source: "cymru",
  channel: "whois",
  outcome: "answered",
  addresses: 300,
  durationMs: 400,
};

Deno.test("RequestTally adds up what has hour, source, channel and outcome in common", () => {
  const tally = new RequestTally("work");
  tally.add(SESSION, NOON + 5);
  tally.add({ ...SESSION, addresses: 20, durationMs: 100 }, NOON + MS_PER_HOUR - 1);
  tally.add({ ...SESSION, outcome: "timeout" }, NOON);
  tally.add(SESSION, NOON + MS_PER_HOUR);
  const hours = tally.drain();
  const told = hours.map((hour) =>
    [hour.hourAt - NOON, hour.outcome, hour.requests, hour.addresses, hour.durationMs] as const
  );
  assertEquals(told, [[0, "answered", 2, 320, 500], [0, "timeout", 1, 300, 400], [
    MS_PER_HOUR,
    "answered",
    1,
    300,
    400,
  ]]);
  assertEquals(hours[0]!.purpose, "work");
  assertEquals([hours[0]!.buckets[latencyBucket(400)], hours[0]!.buckets[latencyBucket(100)]], [1, 1]);
  assertEquals(tally.drain(), [], "what was taken out is not there any more");
});

Deno.test("RequestTally counts a local batch by its mean for one address", () => {
  const tally = new RequestTally("enrich");
  tally.add(
    { source: "maxmind", channel: "local", outcome: "answered", addresses: 1000, durationMs: 2 },
    NOON,
  );
  const [hour] = tally.drain();
  assertEquals([hour!.durationMs, hour!.buckets[latencyBucket(0.002)]], [2, 1]);
});

Deno.test("RequestTally adds what is put back to what came meanwhile, and forgets the oldest when it is too much", () => {
  const tally = new RequestTally("work");
  tally.add(SESSION, NOON);
  const taken = tally.drain();
  tally.add(SESSION, NOON);
  tally.restore(taken);
  assertEquals(tally.drain().map(({ requests, addresses }) => [requests, addresses]), [[2, 600]]);
  for (let n = 0; n < 2_000; n++) tally.add(SESSION, NOON + n * MS_PER_HOUR);
  tally.restore(tally.drain());
  const kept = tally.drain();
  assert(kept.length <= 500, String(kept.length));
  assertEquals(kept.at(-1)!.hourAt, NOON + 1_999 * MS_PER_HOUR);
});
