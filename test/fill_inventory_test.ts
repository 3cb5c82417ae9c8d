import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type EnrichSummary, type InventoryStore, SOURCE_NAMES, type SourceName } from "@ipcascade/core";
import type { EnrichOptions } from "@ipcascade/operations";
import { LOCAL_ADDRESSES, WORLD } from "@ipcascade/testkit";
import { type CascadeWorld, enrichTexts, openCascadeWorld, readEditions } from "./cascade_world.ts";

const GLOBAL = [
  ...WORLD.filter((_, index) => index % 40 === 0),
  ...WORLD.filter(({ address }) => address.includes(":")).slice(0, 1),
].map(({ address }) => address);

/** Those that the inventory holds before a run. */
const STORED = GLOBAL.filter((_, index) => index % 3 < 2);

/** What may have happened to a row since it was stored: the columns that decide whether a source is due. */
const CHANGES: readonly string[] = [
  ...SOURCE_NAMES.flatMap((source) => [
    `${source}_outcome = null`,
    `${source}_outcome = 'hit', ${source}_attempted_at = now()`,
    `${source}_outcome = 'miss', ${source}_attempted_at = now() - interval '100 days'`,
    `${source}_outcome = 'failed', ${source}_failures = 1, ${source}_retry_at = now() + interval '1 hour'`,
    `${source}_outcome = 'failed', ${source}_failures = 1, ${source}_retry_at = now() - interval '1 hour'`,
    `${source}_outcome = 'skipped', ${source}_attempted_at = null`,
  ]),
  "enrichment_ts = now() - interval '100 days'",
  "enrichment_ts = null",
  "scanner_ts = now() - interval '8 days'",
  "scanner_ts = null",
  "city_build_epoch = 1",
  "asn_build_epoch = null",
];

interface Scenario {
  readonly changes: readonly { readonly address: string; readonly change: string }[];
  readonly texts: readonly string[];
  readonly sources: readonly SourceName[];
  readonly batchSize: number;
  readonly lanes: number;
  readonly refresh: boolean;
  readonly isActiveOnly: boolean;
  readonly editions: "same" | "newer" | "none";
}

const SCENARIOS: fc.Arbitrary<Scenario> = fc.record({
  changes: fc.array(
    fc.record({ address: fc.constantFrom(...STORED), change: fc.constantFrom(...CHANGES) }),
    { minLength: 4, maxLength: 12 },
  ),
  texts: fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...GLOBAL) },
      { weight: 1, arbitrary: fc.constantFrom(...LOCAL_ADDRESSES) },
      { weight: 1, arbitrary: fc.constantFrom("not-an-ip", "1.1.1.0/30", " 8.8.8.8 ") },
    ),
    { minLength: 1, maxLength: 40 },
  ),
  sources: fc.subarray([...SOURCE_NAMES], { minLength: 1 }),
  batchSize: fc.integer({ min: 1, max: 41 }),
  lanes: fc.integer({ min: 1, max: 2 }),
  refresh: fc.integer({ min: 0, max: 7 }).map((one) => one === 0),
  isActiveOnly: fc.integer({ min: 0, max: 3 }).map((one) => one === 0),
  editions: fc.constantFrom("same", "same", "same", "newer", "none"),
});

Deno.test("enrichMany() without records asks, stores and counts as with them, whatever the rows are like", async () => {
  await fc.assert(
    fc.asyncProperty(SCENARIOS, async (scenario) => {
      assertEquals(await play(scenario, "none"), await play(scenario, "all"));
    }),
    { numRuns: 25 },
  );
});

/** What a run asks, stores and counts, after half of the addresses were stored and some rows were changed. */
async function play(scenario: Scenario, records: "all" | "none") {
  await using world = await openCascadeWorld({ greynoisePerSecond: 10_000 });
  await world.enrich(STORED);
  for (const { address, change } of scenario.changes) {
    await world.sql.query(`update ip_inventory set ${change} where ip_address = '${address}'`);
  }
  if (scenario.editions === "newer") world.install(readEditions({ buildEpoch: 1_900_000_000 }));
  if (scenario.editions === "none") world.install(readEditions(null));
  const before = world.lab.requests.of("greynoise").length;
  const { texts, sources, batchSize, lanes, refresh, isActiveOnly } = scenario;
  const activity = isActiveOnly ? { minCommands: 1, minDownloads: 1, minDurationS: 1 } : null;
  const failed: unknown[] = [];
  const onProblem: EnrichOptions["onProblem"] = (problem) => failed.push(problem);
  const options: EnrichOptions = { sources, batchSize, lanes, refresh, activity, records, onProblem };
  const result = await world.enrich(texts, options);
  if (records === "none") assertEquals(result.records, []);
  const asked = world.lab.requests.of("greynoise").slice(before).flatMap(({ addresses }) => addresses ?? []);
  return {
    failed,
    asked: asked.sort(),
    counts: countsOf(result.summary),
    rows: (await world.dump()).map(withoutTimes),
  };
}

function countsOf({ elapsedMs: _, sources, ...counts }: EnrichSummary) {
  return {
    ...counts,
    sources: Object.entries(sources).map(([name, { hit, miss, skipped, failed }]) => ({
      name,
      hit,
      miss,
      skipped,
      failed,
    })),
  };
}

/** Drops what differs between any two runs; when a failed attempt is due again stays, as told or not. */
function withoutTimes(row: Record<string, unknown>): unknown {
  const isTime = (name: string) => /_(ts|at|ms|since)$/.test(name);
  return JSON.parse(JSON.stringify(row, (name, value) => isTime(name) ? value !== null : value));
}

Deno.test("enrichMany() without records reads no row that stays as it is", async () => {
  await using world = await openCascadeWorld();
  await world.enrich(GLOBAL, { sources: ["maxmind"] });
  const read = watchReads(world);
  const problems: string[] = [];
  const { summary } = await world.enrich([...GLOBAL, ...GLOBAL, "not-an-ip"], {
    sources: ["maxmind"],
    records: "none",
    onProblem: ({ input }) => problems.push(input),
  });
  assertEquals(read, { states: [GLOBAL.length], rows: [] });
  assertEquals([summary.inputs, summary.fresh, summary.invalid], [
    2 * GLOBAL.length + 1,
    2 * GLOBAL.length,
    1,
  ]);
  assertEquals(problems, ["not-an-ip"]);
  const [changed, ...others] = GLOBAL;
  await world.sql.query("update ip_inventory set city_build_epoch = 1 where ip_address = $1", [changed!]);
  const again = await world.enrich([changed!, ...others], { sources: ["maxmind"], records: "none" });
  assertEquals(read, { states: [GLOBAL.length, GLOBAL.length], rows: [1] });
  assertEquals([again.summary.asked, again.summary.fresh], [1, others.length]);
});

Deno.test("enrichMany() without records goes by the editions that serve when it comes to a batch", async () => {
  await using world = await openCascadeWorld();
  const batches = GLOBAL.length;
  await world.enrich(GLOBAL, { sources: ["maxmind"] });
  const { findStates } = world.deps.inventory;
  let readings = 0;
  const inventory: InventoryStore = {
    ...world.deps.inventory,
    findStates: async (addresses) => {
      const states = await findStates(addresses);
      // The next batch is read ahead by now.
      if (++readings === 2) world.install(readEditions({ buildEpoch: 1_900_000_000 }));
      return states;
    },
  };
  const deps = Object.create(world.deps, { inventory: { value: inventory } });
  const { summary } = await enrichTexts(GLOBAL, deps, {
    batchSize: 1,
    sources: ["maxmind"],
    records: "none",
  });
  assertEquals(summary.asked + summary.fresh, batches);
  assert(summary.fresh <= 1, `${summary.fresh} of ${batches} went by the old editions`);
});

Deno.test("enrichMany() reads a batch again only where one before wrote an address of it", async () => {
  await using world = await openCascadeWorld();
  const [one, two, three] = GLOBAL as [string, string, string];
  const inputs = [one, two, one, three, one];
  const read = watchReads(world);
  const options = { batchSize: 2, sources: ["maxmind"] } as const;
  const first = await world.enrich(inputs, { ...options, records: "none" });
  assertEquals([first.summary.asked, first.summary.fresh], [3, 2]);
  assert(read.states.length > 3, "a batch that shares a new address with one before is read again");
  read.states.length = 0;
  await world.enrich(inputs, { ...options, records: "none" });
  assertEquals(read, { states: [2, 2, 1], rows: [] });
  await world.enrich(inputs, options);
  assertEquals(read.rows, [2, 2, 1]);
});

/** How many addresses each reading was about. */
function watchReads(world: CascadeWorld): { readonly states: number[]; readonly rows: number[] } {
  const read: { states: number[]; rows: number[] } = { states: [], rows: [] };
  const inventory: { -readonly [Name in keyof InventoryStore]: InventoryStore[Name] } = world.deps.inventory;
  const { findMany, findStates } = inventory;
  inventory.findMany = (addresses) => {
    read.rows.push(addresses.length);
    return findMany(addresses);
  };
  inventory.findStates = (addresses) => {
    read.states.push(addresses.length);
    return findStates(addresses);
  };
  return read;
}
