import { assert, assertEquals, assertGreater } from "@std/assert";
import { enrichSessions, refreshStale } from "@ipcascade/operations";
import { type CascadeWorld, enrichTexts, openCascadeWorld } from "./cascade_world.ts";
import { seedAddress, seedRows } from "./inventory_rows.ts";

const ADDRESSES = Array.from({ length: 150 }, (_, index) => seedAddress(index));

async function countClaims(world: CascadeWorld): Promise<number> {
  const [row] = await world.sql.query<{ count: number }>("select count(*)::int as count from work_claim");
  return row!.count;
}

Deno.test("runs that enrich the same addresses at once ask each source once about each", async () => {
  await using world = await openCascadeWorld({ editions: false, greynoisePerSecond: 100 });
  const shuffled = [...ADDRESSES].reverse();
  const results = await Promise.all([
    world.enrich(ADDRESSES, { batchSize: 40 }),
    world.enrich(shuffled, { batchSize: 70 }),
    world.enrich(ADDRESSES.slice(50), { batchSize: 500 }),
  ]);
  assertEquals(world.lab.requests.greynoiseRequests, ADDRESSES.length);
  assertEquals(world.lab.requests.cymruAddresses + world.lab.requests.dnsQueries, ADDRESSES.length);
  for (const { records, summary } of results) {
    for (const record of records) {
      assert(
        "ip_address" in record && record.scanner_ts !== null && record.asn_number !== null,
        record.input,
      );
    }
    assertEquals([summary.sources.greynoise.skipped, summary.heldBack], [{}, 0]);
  }
  assertEquals(await countClaims(world), 0);
});

Deno.test("a refresh and an enrichment of the same stale rows ask once about each", async () => {
  await using world = await openCascadeWorld({ editions: false, greynoisePerSecond: 100 });
  await seedRows(world.sql, ADDRESSES.length, { now: world.clock.now() });
  const [report, enriched] = await Promise.all([
    refreshStale(world.deps, { sources: ["greynoise"] }),
    enrichTexts(ADDRESSES, world.deps, { sources: ["greynoise"], batchSize: 50 }),
  ]);
  assertEquals(world.lab.requests.greynoiseRequests, ADDRESSES.length);
  const { attempted, remaining } = report.sources.greynoise!;
  const { hit, miss } = enriched.summary.sources.greynoise;
  assertEquals([attempted + hit + miss, remaining], [ADDRESSES.length, 0]);
  assertGreater(attempted, 0);
  assertGreater(hit + miss, 0);
  assertEquals(await countClaims(world), 0);
});

Deno.test("an address that a killed process has at hand is waited for, then asked about", async () => {
  await using world = await openCascadeWorld({ editions: false });
  await world.sql.query(`insert into work_holder (id, owner, expires_at)
    values ('gone', 'a killed process', clock_timestamp() + interval '1500 milliseconds')`);
  await world.sql.query(`insert into work_claim (source, ip_address, holder)
    values ('greynoise', '23.0.0.1', 'gone'), ('cymru', '23.0.0.1', 'gone')`);
  const { records, summary } = await world.enrich(["23.0.0.1", "23.0.0.2"]);
  assertEquals(world.lab.requests.greynoiseRequests, 2);
  assert(records.every((record) => "scanner_ts" in record && record.scanner_ts !== null));
  assertGreater(summary.elapsedMs, 1_000);
});

Deno.test("a run that is stopped does not wait for others, and says what it left", async () => {
  await using world = await openCascadeWorld({ editions: false });
  await world.sql.query(`insert into work_holder (id, owner, expires_at)
    values ('busy', 'somebody', clock_timestamp() + interval '1 minute')`);
  await world.sql.query(
    "insert into work_claim (source, ip_address, holder) values ('greynoise', '23.0.0.1', 'busy')",
  );
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 700);
  const { summary } = await world.enrich(["23.0.0.1"], { sources: ["greynoise"], stop: stop.signal });
  assertEquals([summary.sources.greynoise.skipped, summary.stopped], [{ stopped: 1 }, true]);
  assertEquals(world.lab.requests.greynoiseRequests, 0);
});

Deno.test("enriching sessions gives back what it took", async () => {
  await using world = await openCascadeWorld({ editions: false });
  await world.sql.query(
    "insert into sessions (session_id, source_ip) values ('a', '23.0.0.1'), ('b', '23.0.0.2')",
  );
  const report = await enrichSessions(world.deps, { ids: null });
  assertEquals([report.snapshots, world.lab.requests.greynoiseRequests], [2, 2]);
  assertEquals(await countClaims(world), 0);
  const holders = await world.sql.query("select 1 as one from work_holder");
  assertEquals(holders.length, 0);
});
