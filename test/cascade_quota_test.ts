import { assert, assertEquals, assertLess } from "@std/assert";
import { MS_PER_DAY, MS_PER_MINUTE, quotaWindow } from "@ipcascade/core";
import { truthOf } from "@ipcascade/testkit";
import { type CascadeWorld, enrichTexts, openCascadeWorld, recordOf } from "./cascade_world.ts";

const GREYNOISE = { sources: ["greynoise"] } as const;
const LIMITED = { kind: "status", status: 429, body: '{"plan":"Community","rate_limit":"25-W"}' } as const;

/** `count` addresses that nobody has seen, from the `from`th on. */
function strangers(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => index + from)
    .map((index) => `23.${index >> 8}.${index & 255}.7`);
}

async function usedUnits(world: CascadeWorld): Promise<number> {
  return (await world.deps.quota.read("greynoise", world.clock.now())).used;
}

Deno.test("a 429 teaches the quota, closes the source for every run, and the next window opens it again", async () => {
  await using world = await openCascadeWorld();
  world.lab.setFault("greynoise", { ...LIMITED, after: 3 });
  const now = world.clock.now();
  const { endsAt } = quotaWindow("week", now);
  const first = await world.enrich(strangers(60), GREYNOISE);
  const { hit, miss, skipped, failed } = first.summary.sources.greynoise;
  assertEquals([hit + miss, failed], [3, {}], "running out is no failure");
  assertEquals(skipped, { quota_exhausted: 57 });
  assertLess(world.lab.requests.greynoiseRequests, 11, "no more than one reservation");
  const status = await world.deps.quota.read("greynoise", now);
  assertEquals([status.policy, status.origin], [{ limit: 25, period: "week" }, "provider"]);
  assertEquals([status.closedUntil, status.remaining], [endsAt, 0]);
  for (const row of (await world.dump()).filter((one) => one.greynoise_outcome === "skipped")) {
    assertEquals([row.greynoise_attempted_at, Date.parse(String(row.greynoise_retry_at))], [null, endsAt]);
  }
  const provenance = recordOf(first, strangers(60)[59]!).enrichment._meta.sources.greynoise;
  assertEquals([provenance?.reason, Date.parse(provenance?.until ?? "")], ["quota_exhausted", endsAt]);

  world.lab.clearFaults();
  world.lab.requests.reset();
  const second = await world.enrich(strangers(60), GREYNOISE);
  assertEquals(world.lab.requests.greynoiseRequests, 0);
  assertEquals(second.summary.sources.greynoise.skipped, { quota_exhausted: 57 });

  world.clock.move(endsAt - now + MS_PER_MINUTE);
  const third = await world.enrich(strangers(60, 100), GREYNOISE);
  assertEquals(world.lab.requests.greynoiseRequests, 25, "the learned quota, not the configured one");
  assertEquals(third.summary.sources.greynoise.skipped, { quota_exhausted: 35 });
  world.clock.move(7 * MS_PER_DAY);
  await world.enrich(strangers(60, 100), GREYNOISE);
  assertEquals(world.lab.requests.greynoiseRequests, 50);
});

Deno.test("runs at once never send more than the quota together", async () => {
  await using world = await openCascadeWorld({ quota: { limit: 23, period: "day" } });
  const runs = [0, 1, 2, 3].map((index) => enrichTexts(strangers(40, index * 40), world.deps, GREYNOISE));
  const results = await Promise.all(runs);
  assertEquals(world.lab.requests.greynoiseRequests, 23);
  assertEquals(await usedUnits(world), 23);
  const answered = results.reduce((sum, { summary }) => sum + summary.sources.greynoise.miss, 0);
  assertEquals(answered, 23);
});

Deno.test("a GreyNoise that fails now and then is asked again, and every request is counted", async () => {
  await using world = await openCascadeWorld();
  world.lab.setFault("greynoise", { kind: "status", status: 503, chance: 0.1 });
  const { summary } = await world.enrich(strangers(120), GREYNOISE);
  assertEquals([summary.sources.greynoise.miss, summary.sources.greynoise.failed], [120, {}]);
  assertEquals(summary.stored, 120, "a row that is written in two steps counts once");
  assertEquals(await usedUnits(world), world.lab.requests.greynoiseRequests);
  assert(world.lab.requests.greynoiseRequests > 125);
});

Deno.test("a GreyNoise that always fails is left alone within a few requests, tried once later, and then asked", async () => {
  await using world = await openCascadeWorld();
  world.lab.setFault("greynoise", { kind: "status", status: 500 });
  const { summary } = await world.enrich(strangers(60), GREYNOISE);
  assertLess(world.lab.requests.greynoiseRequests, 11);
  assertEquals(await usedUnits(world), world.lab.requests.greynoiseRequests, "unsent units are given back");
  const { failed, skipped } = summary.sources.greynoise;
  assertEquals((failed.server_error ?? 0) + (skipped.circuit_open ?? 0), 60);

  world.lab.requests.reset();
  await world.enrich(strangers(20, 100), GREYNOISE);
  assertEquals(world.lab.requests.greynoiseRequests, 0);

  world.clock.move(6 * MS_PER_MINUTE);
  await world.enrich(strangers(20, 100), GREYNOISE);
  assertEquals(world.lab.requests.greynoiseRequests, 1, "one trial");
  world.clock.move(6 * MS_PER_MINUTE);
  await world.enrich(strangers(20, 100), GREYNOISE);
  assertEquals(world.lab.requests.greynoiseRequests, 1, "the second pause is longer");

  world.lab.clearFaults();
  world.clock.move(5 * MS_PER_MINUTE);
  const healed = await world.enrich(strangers(20, 200), GREYNOISE);
  assertEquals(healed.summary.sources.greynoise.miss, 20);
  assertEquals((await world.deps.circuits.readCircuit("greynoise")).openUntil, null);
});

Deno.test("a GreyNoise that never answers costs one timeout", async () => {
  await using world = await openCascadeWorld({ timeoutMs: 300 });
  world.lab.setFault("greynoise", { kind: "drop" });
  const started = performance.now();
  const { summary } = await world.enrich(strangers(60), GREYNOISE);
  assertLess(performance.now() - started, 4_000);
  assertLess(world.lab.requests.greynoiseRequests, 11);
  assert((summary.sources.greynoise.failed.timeout ?? 0) > 0);
  assertEquals(
    await usedUnits(world),
    world.lab.requests.greynoiseRequests,
    "what may have arrived is counted",
  );
});

Deno.test("a refused key closes the source at the first answer", async () => {
  await using world = await openCascadeWorld({ greynoisePerSecond: 10 });
  world.lab.setFault("greynoise", { kind: "status", status: 401 });
  const { summary } = await world.enrich(strangers(60), GREYNOISE);
  assertLess(world.lab.requests.greynoiseRequests, 4);
  assertEquals(
    (await world.deps.circuits.readCircuit("greynoise")).reason,
    "unauthorized: the key is refused",
  );
  const { failed, skipped } = summary.sources.greynoise;
  assertEquals((failed.unauthorized ?? 0) + (skipped.circuit_open ?? 0), 60);
  assertEquals(await usedUnits(world), world.lab.requests.greynoiseRequests);
});

Deno.test("a trial that GreyNoise answers with a refusal of the address alone opens the way", async () => {
  await using world = await openCascadeWorld();
  const now = world.clock.now();
  const state = {
    failures: 5,
    trips: 1,
    openedAt: now - 2,
    openUntil: now - 1,
    trialUntil: null,
    reason: "timeout",
  };
  await world.deps.circuits.changeCircuit("greynoise", () => state);
  const addresses = strangers(12);
  world.lab.setFault("greynoise", { kind: "status", status: 400, times: 1 });
  const { summary } = await world.enrich(addresses, GREYNOISE);
  assertEquals([summary.sources.greynoise.failed, summary.sources.greynoise.miss], [{ rejected: 1 }, 11]);
});

Deno.test("trap 32: a ledger that can't be read sends nothing, and the other sources answer", async () => {
  await using world = await openCascadeWorld();
  await world.sql.query("alter table quota_ledger rename to quota_ledger_gone");
  try {
    const addresses = ["8.8.8.8", ...strangers(20)];
    const result = await world.enrich(addresses);
    assertEquals(world.lab.requests.greynoiseRequests, 0);
    assertEquals(result.summary.sources.greynoise.skipped, { quota_unknown: 21 });
    for (const address of addresses) {
      assertEquals(recordOf(result, address).asn_number, truthOf(address).asnNumber, address);
    }
    assertEquals((await world.dump()).length, 21);
  } finally {
    await world.sql.query("alter table quota_ledger_gone rename to quota_ledger");
  }
});

Deno.test("trap 33: a connection that is reset counts, for the request may have arrived", async () => {
  await using world = await openCascadeWorld();
  world.lab.setFault("greynoise", { kind: "reset" });
  await world.enrich(strangers(3), GREYNOISE);
  assert(world.lab.requests.greynoiseRequests > 0);
  assertEquals(await usedUnits(world), world.lab.requests.greynoiseRequests);
});

Deno.test("stopping gives the units of requests that never left back, and stores the answers", async () => {
  await using world = await openCascadeWorld({ greynoisePerSecond: 20 });
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 700);
  const { summary, records } = await world.enrich(strangers(60), { ...GREYNOISE, stop: stop.signal });
  clearTimeout(timer);
  const { miss, skipped } = summary.sources.greynoise;
  assertEquals([records.length, summary.stopped], [60, true]);
  assertEquals([miss, skipped], [world.lab.requests.greynoiseRequests, { stopped: 60 - miss }]);
  assertEquals(await usedUnits(world), miss);
  const stored = (await world.dump()).filter((row) => row.greynoise_outcome === "miss");
  assertEquals(stored.length, miss);
});

Deno.test("GreyNoise's answers are stored every ten: a kill loses no more", async () => {
  await using world = await openCascadeWorld({ greynoisePerSecond: 100 });
  const running = world.enrich(strangers(60), GREYNOISE);
  const losses: number[] = [];
  let sent = 0;
  while (sent < 60) {
    sent = world.lab.requests.greynoiseRequests;
    losses.push(sent - await countAnswers(world));
    await world.clock.sleep(5);
  }
  await running;
  assertLess(Math.max(...losses), 11);
  assertEquals(await countAnswers(world), 60);
});

async function countAnswers(world: CascadeWorld): Promise<number> {
  const rows = await world.sql.query("select 1 from ip_inventory where scanner_ts is not null");
  return rows.length;
}

Deno.test("the busiest addresses come first when the quota is short", async () => {
  await using world = await openCascadeWorld({ quota: { limit: 3, period: "day" } });
  const addresses = strangers(40);
  const busy = [addresses[31]!, addresses[7]!, addresses[20]!];
  const atUs = Date.UTC(2026, 10, 20) * 1000;
  const fragments = busy.flatMap((sourceIp, rank) =>
    Array.from({ length: 5 - rank }, (_, index) => ({
      sessionId: `${sourceIp}-${index}`,
      sourceIp,
      inInventory: true,
      startedAtUs: atUs,
      endedAtUs: null,
      durationMs: null,
      events: [{ atUs, kind: "login" as const }],
    }))
  );
  await world.deps.sessions.importFragments(fragments);
  await world.enrich(addresses, GREYNOISE);
  const asked = world.lab.requests.of("greynoise").flatMap((request) => request.addresses ?? []);
  assertEquals(asked, busy);
});

Deno.test("the activity filter spares addresses without a busy session", async () => {
  await using world = await openCascadeWorld();
  const [lazy = "", busy = ""] = strangers(2);
  const atUs = Date.UTC(2026, 10, 20) * 1000;
  const session = (sourceIp: string, commands: number) => ({
    sessionId: sourceIp,
    sourceIp,
    inInventory: true,
    startedAtUs: atUs,
    endedAtUs: null,
    durationMs: null,
    events: Array.from(
      { length: commands },
      (_, index) => ({ atUs: atUs + index, kind: "command" as const }),
    ),
  });
  await world.deps.sessions.importFragments([session(lazy, 9), session(busy, 10)]);
  const activity = { minCommands: 10, minDownloads: 5, minDurationS: 300 };
  const result = await world.enrich([lazy, busy, ...strangers(3, 10)], { ...GREYNOISE, activity });
  assertEquals(world.lab.requests.of("greynoise").flatMap(({ addresses }) => addresses), [busy]);
  assertEquals(result.summary.sources.greynoise.skipped, { inactive: 4 });
});
