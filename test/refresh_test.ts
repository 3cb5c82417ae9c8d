import { assert, assertEquals, assertGreater } from "@std/assert";
import { ALL_ROWS, formatInstant, MS_PER_DAY, MS_PER_HOUR, quotaWindow } from "@ipcascade/core";
import { backfillAsn, refreshStale } from "@ipcascade/operations";
import { buildEdition } from "@ipcascade/testkit";
import { type CascadeWorld, createMaxmind, openCascadeWorld } from "./cascade_world.ts";
import { seedAddress, seedRows } from "./inventory_rows.ts";

const CYMRU = { sources: ["cymru"] } as const;
const GREYNOISE = { sources: ["greynoise"] } as const;
/** Fails for these addresses, always the same ones. */
const FAILING = { kind: "status", status: 503, share: 0.1 } as const;

async function countWhere(world: CascadeWorld, condition: string): Promise<number> {
  const [row] = await world.sql.query<{ count: number }>(
    `select count(*)::int as count from ip_inventory where ${condition}`,
  );
  return row!.count;
}

/** What a refresh of one source must not touch, as text. */
function readOthers(world: CascadeWorld, source: "cymru" | "greynoise"): Promise<unknown[]> {
  const other = source === "cymru" ? "greynoise" : "cymru";
  const stamp = source === "cymru" ? "scanner_ts" : "enrichment_ts";
  return world.sql.query(
    `select ip_address::text, ${stamp}::text, (enrichment -> '${other}')::text, ${other}_attempted_at::text,
      ${other}_outcome, ${other}_retry_at::text, observation_count::int, first_seen_at::text, last_seen_at::text,
      created_at::text
    from ip_inventory order by ip_address`,
  );
}

Deno.test("a source that fails for one row in ten: one run asks each row once, the next none, a later one the failed ones", async () => {
  await using world = await openCascadeWorld({ editions: false });
  const now = world.clock.now();
  await seedRows(world.sql, 1_000, { now });
  world.lab.setFault("greynoise", FAILING);
  const first = (await refreshStale(world.deps, GREYNOISE)).sources.greynoise!;
  assertEquals([first.attempted, first.remaining, first.skipped], [1_000, 0, 0]);
  assertEquals(world.lab.requests.greynoiseRequests, 1_000, "each row once");
  assertGreater(first.failed, 50);
  assertEquals(first.failed_for, { server_error: first.failed });
  assertEquals(await countWhere(world, "greynoise_outcome <> 'failed'"), 1_000 - first.failed);
  const old = `scanner_ts < to_timestamp(${(now - MS_PER_DAY) / 1000})`;
  assertEquals(await countWhere(world, old), first.failed, "what failed keeps its old stamp");

  world.lab.requests.reset();
  const second = (await refreshStale(world.deps, GREYNOISE)).sources.greynoise!;
  assertEquals([second.attempted, world.lab.requests.greynoiseRequests], [0, 0], "they wait");

  world.lab.clearFaults();
  world.clock.move(MS_PER_HOUR);
  const third = (await refreshStale(world.deps, GREYNOISE)).sources.greynoise!;
  assertEquals([third.attempted, third.failed, world.lab.requests.greynoiseRequests], [
    first.failed,
    0,
    first.failed,
  ]);
  assertEquals(await countWhere(world, old), 0);
});

Deno.test("a Cymru that sends error lines for one row in ten does not keep the others from being refreshed", async () => {
  await using world = await openCascadeWorld({ editions: false });
  await seedRows(world.sql, 3_000, { now: world.clock.now() });
  world.lab.setFault("cymruWhois", { kind: "errorLines", share: 0.1 });
  const first = (await refreshStale(world.deps, CYMRU)).sources.cymru!;
  assertEquals([first.attempted, first.remaining], [3_000, 0]);
  assertGreater(first.failed, 150);
  assertEquals(world.lab.requests.cymruSingles, 0);
  assert(world.lab.requests.cymruSessions <= 6, "sessions of 1 000");
  assertEquals((await refreshStale(world.deps, CYMRU)).sources.cymru!.attempted, 0);
});

for (const source of ["cymru", "greynoise"] as const) {
  Deno.test(`a ${source} that always fails ends the run, and nothing is stamped anew`, async () => {
    await using world = await openCascadeWorld({ editions: false, timeoutMs: 2_000 });
    await seedRows(world.sql, 2_500, { now: world.clock.now() });
    world.lab.setFault("greynoise", { kind: "status", status: 500 });
    world.lab.setFault("cymruWhois", { kind: "reset" });
    const stamps = () =>
      world.sql.query(
        `select enrichment_ts::text, scanner_ts::text, enrichment -> 'cymru', enrichment -> 'greynoise'
        from ip_inventory order by ip_address`,
      );
    const before = await stamps();
    const report = (await refreshStale(world.deps, { sources: [source] })).sources[source]!;
    assertEquals([report.refreshed, report.missed], [0, 0]);
    assertGreater(report.skipped_for.circuit_open ?? 0, 400);
    assertEquals(report.attempted + report.skipped, 2_500);
    assert(report.until !== null && report.until > formatInstant(world.clock.now()));
    assertEquals(await stamps(), before);
    const waiting = `enrichment #>> '{_meta,sources,${source},reason}' = 'circuit_open'
      and enrichment #>> '{_meta,sources,${source},until}' = '${report.until}'`;
    assertEquals(await countWhere(world, waiting), report.skipped, "the rows say so");
  });

  Deno.test(`a refresh of ${source} leaves the other's stamp and object and the activity alone`, async () => {
    await using world = await openCascadeWorld({ editions: false });
    await seedRows(world.sql, 300, { now: world.clock.now(), busy: true });
    const before = await readOthers(world, source);
    const report = (await refreshStale(world.deps, { sources: [source] })).sources[source]!;
    assertEquals([report.attempted, report.failed], [300, 0]);
    assertEquals(await readOthers(world, source), before);
  });
}

Deno.test("ten rows that nobody can resolve at the head don't keep the next run from the others", async () => {
  await using world = await openCascadeWorld({ editions: false });
  await seedRows(world.sql, 30, { now: world.clock.now(), cymruDays: null });
  const head = Array.from({ length: 10 }, (_, index) => seedAddress(index));
  world.lab.setFault("cymruWhois", { kind: "notRouted", addresses: head });
  const first = await backfillAsn(world.deps, { limit: 10 });
  assertEquals([first.sources.cymru!.attempted, first.sources.cymru!.missed], [10, 10]);
  const second = await backfillAsn(world.deps, { limit: 10 });
  assertEquals([second.sources.cymru!.attempted, second.sources.cymru!.refreshed], [10, 10]);
  const third = await backfillAsn(world.deps);
  assertEquals([third.sources.cymru!.attempted, third.sources.cymru!.remaining], [10, 0]);
  assertEquals(
    await countWhere(world, "asn_number is null and cymru_outcome = 'miss'"),
    10,
    "NA is remembered",
  );
  world.clock.move(91 * MS_PER_DAY);
  assertEquals((await backfillAsn(world.deps)).sources.cymru!.attempted, 10, "and asked again after 90 days");
});

Deno.test("ten rows that fail at the head don't keep the next run from the others", async () => {
  await using world = await openCascadeWorld({ editions: false });
  await seedRows(world.sql, 20, { now: world.clock.now(), busy: true });
  const head = Array.from({ length: 9 }, (_, index) => seedAddress(index));
  world.lab.setFault("greynoise", { kind: "status", status: 500, addresses: head });
  const first = (await refreshStale(world.deps, { ...GREYNOISE, limit: 9 })).sources.greynoise!;
  assertEquals([first.attempted, first.failed], [9, 9]);
  const second = (await refreshStale(world.deps, { ...GREYNOISE, limit: 9 })).sources.greynoise!;
  assertEquals([second.attempted, second.refreshed + second.missed], [9, 9]);
});

Deno.test("a quota that is too small goes to the busiest; the others say until when they wait", async () => {
  await using world = await openCascadeWorld({ editions: false, quota: { limit: 50, period: "day" } });
  const now = world.clock.now();
  await seedRows(world.sql, 500, { now, busy: true });
  const people = (await refreshStale(world.deps, { ...GREYNOISE, share: 0.6 })).sources.greynoise!;
  assertEquals(
    [people.attempted, people.skipped_for],
    [30, { quota_exhausted: 470 }],
    "the rest is for people",
  );
  const report = (await refreshStale(world.deps, GREYNOISE)).sources.greynoise!;
  const reset = formatInstant(quotaWindow("day", now).endsAt);
  assertEquals([report.attempted, report.skipped, report.remaining], [20, 450, 450]);
  assertEquals([report.skipped_for, report.until], [{ quota_exhausted: 450 }, reset]);
  assertEquals(world.lab.requests.greynoiseRequests, 50);
  const asked = `scanner_ts > to_timestamp(${(now - MS_PER_HOUR) / 1000})`;
  assertEquals(await countWhere(world, `${asked} and observation_count > 450`), 50, "the busiest");
  const waiting = `enrichment #>> '{_meta,sources,greynoise,reason}' = 'quota_exhausted'
    and enrichment #>> '{_meta,sources,greynoise,until}' = '${reset}'`;
  assertEquals(await countWhere(world, `${waiting} and not ${asked}`), 450);
  world.clock.move(MS_PER_DAY);
  assertEquals((await refreshStale(world.deps, GREYNOISE)).sources.greynoise!.attempted, 50, "the next day");
});

Deno.test("rows that MaxMind never saw are read from it before Cymru is asked", async () => {
  await using world = await openCascadeWorld();
  await world.sql.query(
    "insert into ip_inventory (ip_address) values ('8.8.8.8'), ('1.1.1.1'), ('23.0.0.1')",
  );
  const report = (await refreshStale(world.deps, CYMRU)).sources.cymru!;
  assertEquals([report.attempted, report.skipped_for], [1, { not_needed: 2 }]);
  assertEquals(await countWhere(world, "asn_source = 'maxmind' and cymru_outcome is null"), 2);
  assertEquals((await refreshStale(world.deps, CYMRU)).sources.cymru!.skipped, 0);
});

Deno.test("a new build is read into every row once, whatever the batch size and the lanes", async () => {
  await using world = await openCascadeWorld();
  await world.enrich(Array.from({ length: 250 }, (_, index) => `8.8.${index}.8`), { sources: ["maxmind"] });
  const options = { buildEpoch: 1_796_500_000 };
  world.install(
    createMaxmind(buildEdition("GeoLite2-City", options), buildEdition("GeoLite2-ASN", options)),
  );
  const dump = () =>
    world.sql.query("select ip_address::text, greynoise_outcome, scanner_ts from ip_inventory");
  const before = await dump();
  const part = await refreshStale(world.deps, { sources: ["maxmind"], batchSize: 7, lanes: 3, limit: 20 });
  assertEquals([part.sources.maxmind!.attempted, part.sources.maxmind!.remaining], [20, 230]);
  const seen: number[] = [];
  const rest = await refreshStale(world.deps, {
    sources: ["maxmind"],
    batchSize: 50,
    onProgress: ({ total }) => seen.push(total),
  });
  assertEquals([rest.sources.maxmind!.attempted, rest.sources.maxmind!.remaining], [230, 0]);
  assertEquals(seen, [50, 100, 150, 200, 230]);
  assertEquals(
    await countWhere(world, "city_build_epoch = 1796500000 and asn_build_epoch = 1796500000"),
    250,
  );
  assertEquals((await dump()).length, before.length);
  assertEquals((await refreshStale(world.deps, { sources: ["maxmind"] })).sources.maxmind!.attempted, 0);
});

Deno.test("editions that can't be read stop the run after a few batches, and every row keeps its facts", async () => {
  await using world = await openCascadeWorld();
  await world.enrich(Array.from({ length: 60 }, (_, index) => `8.8.${index}.8`), { sources: ["maxmind"] });
  const facts = () =>
    world.sql.query(
      "select ip_address::text, geo_country, asn_number, city_build_epoch, enrichment_ts::text from ip_inventory order by 1",
    );
  const before = await facts();
  world.install(createMaxmind({ failure: "it is damaged", buildEpoch: 1_796_500_000 }, null));
  const report = (await refreshStale(world.deps, { sources: ["maxmind"], batchSize: 10 })).sources.maxmind!;
  assertEquals([report.failed, report.failed_for], [30, { corrupt: 30 }]);
  assertGreater(report.skipped_for.circuit_open ?? 0, 29);
  assertEquals(await facts(), before);
});

Deno.test("without editions a refresh of all says so and asks the others", async () => {
  await using world = await openCascadeWorld({ editions: false });
  await seedRows(world.sql, 20, { now: world.clock.now() });
  const { sources } = await refreshStale(world.deps);
  assertEquals(sources.maxmind!.skipped_for, { no_edition: 0 });
  assertEquals([sources.cymru!.attempted, sources.greynoise!.attempted], [20, 20]);
});

Deno.test("a stop ends the run after the part in hand; the next run goes on", async () => {
  await using world = await openCascadeWorld({ editions: false });
  await seedRows(world.sql, 300, { now: world.clock.now() });
  const stop = new AbortController();
  const first = await refreshStale(world.deps, {
    ...GREYNOISE,
    batchSize: 50,
    stop: stop.signal,
    onProgress: () => stop.abort(),
  });
  const { attempted } = first.sources.greynoise!;
  // The batch, and the other part that was under way.
  assert(attempted >= 50 && attempted <= 60, `${attempted} rows`);
  assertEquals(first.stopped, true);
  const second = await refreshStale(world.deps, GREYNOISE);
  assertEquals([second.sources.greynoise!.attempted, second.stopped], [300 - attempted, false]);
  assertEquals(world.lab.requests.greynoiseRequests, 300);
});

Deno.test("force asks about fresh and waiting rows too, each once", async () => {
  await using world = await openCascadeWorld({ editions: false });
  await seedRows(world.sql, 30, { now: world.clock.now(), greynoiseDays: 1 });
  const filter = { ...ALL_ROWS, networks: ["23.0.0.0/28"] };
  assertEquals((await refreshStale(world.deps, { ...GREYNOISE, filter })).sources.greynoise!.attempted, 0);
  const forced = (await refreshStale(world.deps, { ...GREYNOISE, filter, force: true })).sources.greynoise!;
  assertEquals([forced.attempted, forced.remaining], [16, 0]);
  assertEquals(world.lab.requests.greynoiseRequests, 16);
});

Deno.test("addresses that are not global are never asked about, and don't count against the limit", async () => {
  await using world = await openCascadeWorld({ editions: false });
  await world.sql.query(
    "insert into ip_inventory (ip_address) values ('10.0.0.1'), ('127.0.0.1'), ('23.0.0.1')",
  );
  const { sources } = await refreshStale(world.deps, { sources: ["cymru", "greynoise"], limit: 1 });
  for (const source of [sources.cymru!, sources.greynoise!]) {
    assertEquals([source.attempted, source.skipped_for], [1, { not_applicable: 2 }]);
  }
});
