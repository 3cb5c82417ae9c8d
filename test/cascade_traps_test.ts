import { assert, assertEquals } from "@std/assert";
import { type InventoryRow, MS_PER_DAY, recordFromRow } from "@ipcascade/core";
import type { SqlClient } from "@ipcascade/store";
import {
  buildEdition,
  damageEdition,
  LOCAL_ADDRESSES,
  openPostgresServer,
  truthOf,
  WORLD,
  type WorldAddress,
} from "@ipcascade/testkit";
import { connectServer, resetDatabase } from "../packages/store/testing/databases.ts";
import {
  type CascadeWorld,
  createMaxmind,
  enrichTexts,
  openCascadeWorld,
  openSharedPglite,
  readEditions,
  recordOf,
} from "./cascade_world.ts";

function addressesWith(coverage: WorldAddress["coverage"], version: 4 | 6 = 4): string[] {
  return WORLD.filter((entry) => entry.coverage === coverage && entry.version === version).map((
    { address },
  ) => address);
}

const [CYMRU_ONLY = ""] = addressesWith("city_only");
const [CYMRU_ONLY_V6 = ""] = addressesWith("city_only", 6);
const [UNROUTED = ""] = addressesWith("unrouted");

async function rowOf(world: CascadeWorld, address: string): Promise<InventoryRow> {
  const row = (await world.deps.inventory.findMany([address])).get(address);
  if (row === undefined) throw new Error(`Cannot find the row of "${address}"`);
  return row;
}

Deno.test("trap 17: one address is asked by DNS with its octets and nibbles reversed", async () => {
  await using world = await openCascadeWorld();
  for (const address of [CYMRU_ONLY, CYMRU_ONLY_V6]) {
    world.lab.requests.reset();
    const result = await world.enrich([address], { sources: ["maxmind", "cymru"] });
    assertEquals(recordOf(result, address).asn_number, truthOf(address).asnNumber);
    const [origin] = world.lab.requests.of("cymruDns");
    assertEquals(origin?.addresses, [address]);
    assertEquals(origin?.what, reverseName(address));
    assertEquals(world.lab.requests.cymruConnections, 0);
  }
});

/** The name that asks about an address, spelled by hand. */
function reverseName(address: string): string {
  if (!address.includes(":")) return `${address.split(".").reverse().join(".")}.origin.asn.cymru.com`;
  const [head = "", tail = ""] = address.split("::");
  const words = (text: string) => text === "" ? [] : text.split(":");
  const zeros = Array<string>(8 - words(head).length - words(tail).length).fill("0");
  const nibbles = [...words(head), ...zeros, ...words(tail)].map((word) => word.padStart(4, "0")).join("");
  return `${[...nibbles].reverse().join(".")}.origin6.asn.cymru.com`;
}

Deno.test("trap 18: NXDOMAIN is a miss that is remembered, and never leads to whois", async () => {
  await using world = await openCascadeWorld();
  for (let turn = 0; turn < 3; turn++) {
    const result = await world.enrich([UNROUTED], { sources: ["maxmind", "cymru"] });
    assertEquals(recordOf(result, UNROUTED).enrichment._meta.sources.cymru?.outcome, "miss");
  }
  const { dnsQueries, cymruConnections, cymruSingles } = world.lab.requests;
  assertEquals([dnsQueries, cymruConnections, cymruSingles], [1, 0, 0]);
});

Deno.test("trap 18: a DNS server that fails, refuses or is silent is a failure, no miss, and never leads to whois", async () => {
  const faults = [
    [{ kind: "rcode", rcode: "SERVFAIL" }, "server_error"],
    [{ kind: "rcode", rcode: "REFUSED" }, "server_error"],
    [{ kind: "drop" }, "timeout"],
  ] as const;
  for (const [fault, reason] of faults) {
    await using world = await openCascadeWorld({ timeoutMs: 150 });
    world.lab.setFault("cymruDns", fault);
    const result = await world.enrich([CYMRU_ONLY], { sources: ["maxmind", "cymru"] });
    const provenance = recordOf(result, CYMRU_ONLY).enrichment._meta.sources.cymru;
    assertEquals([provenance?.outcome, provenance?.reason], ["failed", reason]);
    assertEquals(
      recordOf(result, CYMRU_ONLY).geo_country,
      truthOf(CYMRU_ONLY).countryCode,
      "MaxMind's part is there",
    );
    assertEquals(world.lab.requests.cymruConnections, 0);
    const { cymru } = (await rowOf(world, CYMRU_ONLY)).attempts;
    assertEquals([cymru.outcome, cymru.failures, cymru.retryAt !== null], ["failed", 1, true]);
  }
});

Deno.test("trap 20: what is local or no address makes no row and costs no request and no quota", async () => {
  await using world = await openCascadeWorld();
  const inputs = [
    ...LOCAL_ADDRESSES,
    "",
    " ",
    "not-an-ip",
    "1.2.3",
    "::ffff:10.0.0.1",
    "010.0.0.1",
    "8.8.8.8:53",
  ];
  const result = await world.enrich(inputs);
  assertEquals(result.records.length, inputs.length);
  assertEquals(await world.dump(), []);
  const { cymruConnections, dnsQueries, greynoiseRequests } = world.lab.requests;
  assertEquals([cymruConnections, dnsQueries, greynoiseRequests], [0, 0, 0]);
  assertEquals((await world.deps.quota.read("greynoise", world.clock.now())).used, 0);
});

Deno.test("trap 21: each source has its own stamp", async () => {
  await using world = await openCascadeWorld();
  const first = recordOf(await world.enrich([CYMRU_ONLY]), CYMRU_ONLY);
  world.lab.requests.reset();
  world.clock.move(8 * MS_PER_DAY);
  const second = recordOf(await world.enrich([CYMRU_ONLY]), CYMRU_ONLY);
  assertEquals([world.lab.requests.greynoiseRequests, world.lab.requests.dnsQueries], [1, 0]);
  assertEquals([second.enrichment_ts, second.enrichment.cymru], [
    first.enrichment_ts,
    first.enrichment.cymru,
  ]);
  assert(second.scanner_ts! > first.scanner_ts!);

  // Weekly refreshes of GreyNoise must not hide how old Cymru's answer is.
  for (let week = 2; week <= 12; week++) {
    world.clock.move(7 * MS_PER_DAY + 1_000);
    await world.enrich([CYMRU_ONLY]);
  }
  assertEquals(world.lab.requests.dnsQueries, 0, "85 days old");
  world.clock.move(6 * MS_PER_DAY);
  world.lab.requests.reset();
  const before = recordOf(await world.enrich([CYMRU_ONLY], { sources: [] }), CYMRU_ONLY);
  const last = recordOf(await world.enrich([CYMRU_ONLY]), CYMRU_ONLY);
  assertEquals(world.lab.requests.of("cymruDns").filter(({ addresses }) => addresses).length, 1);
  assertEquals(world.lab.requests.greynoiseRequests, 0);
  assertEquals([last.scanner_ts, last.enrichment.greynoise], [
    before.scanner_ts,
    before.enrichment.greynoise,
  ]);
  assert(last.enrichment_ts! > before.enrichment_ts!);
});

Deno.test("trap 21: a source that fails or is skipped stamps nothing anew and keeps its older answer", async () => {
  await using world = await openCascadeWorld({ timeoutMs: 150, quota: { limit: 1, period: "month" } });
  const first = recordOf(await world.enrich([CYMRU_ONLY]), CYMRU_ONLY);
  const before = await rowOf(world, CYMRU_ONLY);
  world.lab.setFault("cymruDns", { kind: "rcode", rcode: "SERVFAIL" });
  const result = await world.enrich([CYMRU_ONLY], { refresh: true, sources: ["cymru", "greynoise"] });
  assertEquals(result.summary.sources.greynoise.skipped, { quota_exhausted: 1 });
  const second = recordOf(result, CYMRU_ONLY);
  const after = await rowOf(world, CYMRU_ONLY);
  assertEquals([second.enrichment.cymru, second.enrichment.greynoise], [
    first.enrichment.cymru,
    first.enrichment.greynoise,
  ]);
  assertEquals([after.enrichmentAt, after.scannerAt], [before.enrichmentAt, before.scannerAt]);
  assertEquals(after.attempts.greynoise, before.attempts.greynoise);
  assertEquals([second.asn_number, second.asn_source], [first.asn_number, "cymru"]);
  assertEquals(after.attempts.cymru.outcome, "failed");
});

const ODD_NAMES = [
  "Zürich\u0000\u0000 Stadt",
  "\u0000",
  "São Tomé 🏝️ e\u0301",
  "\u202Eright to left\u202C",
  "tab\tand\nline \"quoted\" 'single' \\u0000 \\",
  "NULL",
  "{a,b}",
];
const ODD_FLOATS = [[0.1 + 0.2, -0.000001], [-89.99999999999999, 179.99999999999997], [5e-324, 0], [
  1 / 3,
  -1e-7,
]];

/** A release whose names and numbers are as odd as they can be. */
function oddEditions() {
  const full = WORLD.filter(({ coverage }) => coverage === "full");
  return {
    change: (entry: WorldAddress): WorldAddress => {
      const index = full.findIndex(({ network }) => network === entry.network);
      if (index < 0 || entry.city === null || entry.city.place === null) return entry;
      const name = ODD_NAMES[index % ODD_NAMES.length]!;
      const [latitude = 0, longitude = 0] = ODD_FLOATS[index % ODD_FLOATS.length]!;
      const city = { geonameId: 1, names: { en: name } };
      const place = { ...entry.city.place, city, latitude, longitude };
      return { ...entry, city: { ...entry.city, place }, asn: { number: entry.asn?.number, org: name } };
    },
  };
}

async function checkReadBack(sql: SqlClient): Promise<void> {
  await using world = await openCascadeWorld({ sql, editions: oddEditions() });
  world.lab.setFault("cymruWhois", { kind: "latin1" });
  const addresses = WORLD.map(({ address }) => address);
  const first = await world.enrich(addresses);
  assert(
    first.records.some((record) => !("error" in record) && record.asn_org?.includes("🏝️")),
    "odd names are in",
  );
  const rows = await world.deps.inventory.findMany(addresses);
  const second = await world.enrich(addresses);
  for (const [index, record] of first.records.entries()) {
    if ("error" in record) throw new Error(`Cannot read ${record.input}`);
    const expected = { ...record, from_inventory: true };
    const row = rows.get(record.ip_address)!;
    assertEquals(recordFromRow(row, { input: record.input, fromInventory: true }), expected, record.input);
    assertEquals(second.records[index], expected);
    assertEquals([row.geoCity, row.asnOrg].some((text) => text?.includes("\0")), false);
  }
}

Deno.test("trap 22: what is stored is read back as it was printed, on PGlite", async () => {
  await checkReadBack(await openSharedPglite());
});

Deno.test("trap 22: a refresh stores the new answer with the new stamp", async () => {
  await using world = await openCascadeWorld();
  const first = recordOf(await world.enrich(["8.8.8.8"]), "8.8.8.8");
  world.clock.move(MS_PER_DAY);
  world.install(readEditions({
    buildEpoch: Date.UTC(2026, 10, 27) / 1000,
    change: (entry) =>
      entry.network === "8.8.8.0/24" ? { ...entry, asn: { number: 64_496, org: "MOVED" } } : entry,
  }));
  await world.enrich(["8.8.8.8"], { refresh: true });
  const row = await rowOf(world, "8.8.8.8");
  assertEquals([row.asnNumber, row.asnOrg, row.enrichment.maxmind?.asn], [64_496, "MOVED", 64_496]);
  assertEquals(row.enrichment.maxmind?.database_build, "2026-11-27T00:00:00.000Z");
  assert(row.enrichmentAt! > Date.parse(first.enrichment_ts!));
});

Deno.test("trap 23: enrichment never changes activity", async () => {
  await using world = await openCascadeWorld();
  const atUs = Date.UTC(2026, 10, 20) * 1000;
  const addresses = ["8.8.8.8", CYMRU_ONLY, UNROUTED];
  await world.deps.sessions.importFragments(addresses.map((sourceIp, index) => ({
    sessionId: `s${index}`,
    sourceIp,
    inInventory: true,
    startedAtUs: atUs,
    endedAtUs: null,
    durationMs: null,
    events: [{ atUs, kind: "command" as const }],
  })));
  const activity = async () =>
    (await world.dump()).map((
      row,
    ) => [row.ip_address, row.observation_count, row.first_seen_at, row.last_seen_at]);
  const before = await activity();
  assertEquals(before.map(([, count]) => count), [1, 1, 1]);
  await world.enrich(addresses);
  world.clock.move(100 * MS_PER_DAY);
  await world.enrich(addresses, { refresh: true });
  assertEquals(await activity(), before);
});

/** Several runs over the same new addresses at once, each knowing other sources: nothing may be lost. */
async function checkConcurrentRuns(worlds: readonly CascadeWorld[]): Promise<void> {
  const addresses = WORLD.filter(({ version }) => version === 4).map(({ address }) => address);
  const runs = worlds.flatMap((world, index) => [
    enrichTexts(addresses, world.deps, { sources: ["maxmind", "cymru"], batchSize: 50 + index }),
    enrichTexts(addresses.toReversed(), world.deps, { sources: ["greynoise"], batchSize: 64 }),
  ]);
  const results = await Promise.all(runs);
  for (const { records } of results) assertEquals(records.length, addresses.length);
  const [world] = worlds;
  const rows = await world!.deps.inventory.findMany(addresses);
  assertEquals(rows.size, addresses.length);
  for (const address of addresses) {
    const { asnNumber, geoCountry, isScanner, enrichment, attempts } = rows.get(address)!;
    const truth = truthOf(address);
    assertEquals(
      [asnNumber, geoCountry, isScanner],
      [truth.asnNumber, truth.countryCode, truth.noise],
      address,
    );
    assertEquals(enrichment.greynoise?.riot, truth.riot, address);
    assert(["hit", "miss"].includes(attempts.greynoise.outcome ?? ""), address);
  }
}

Deno.test("trap 24: runs at once over the same new addresses lose no row and no answer, in one process", async () => {
  await using world = await openCascadeWorld({ greynoisePerSecond: 5_000 });
  await checkConcurrentRuns([world, world]);
});

Deno.test("traps 22 and 24 on a PostgreSQL server with two pools", async (t) => {
  await using server = await openPostgresServer();
  const pools = [connectServer(server.url, 4), connectServer(server.url, 4)] as const;
  try {
    await resetDatabase(pools[0]);
    await t.step("what is stored is read back as it was printed", () => checkReadBack(pools[0]));
    await t.step("runs at once lose no row and no answer", async () => {
      await resetDatabase(pools[0]);
      await using one = await openCascadeWorld({ sql: pools[0], greynoisePerSecond: 5_000 });
      await using two = await openCascadeWorld({ sql: pools[1], greynoisePerSecond: 5_000 });
      await checkConcurrentRuns([one, two]);
    });
  } finally {
    await Promise.all(pools.map((pool) => pool.close()));
  }
});

Deno.test("a row that was deleted while it was asked about is written anew", async () => {
  await using world = await openCascadeWorld();
  await world.enrich(["8.8.8.8"]);
  const inventory = {
    ...world.deps.inventory,
    findMany: async (addresses: readonly string[]) => {
      const rows = await world.deps.inventory.findMany(addresses);
      await world.sql.query("delete from ip_inventory");
      return rows;
    },
  };
  await enrichTexts(["8.8.8.8"], { ...world.deps, inventory }, { refresh: true });
  assertEquals((await rowOf(world, "8.8.8.8")).asnNumber, 15169);
});

Deno.test("trap 25: without an edition Cymru answers, and nothing is called a failure", async () => {
  await using world = await openCascadeWorld({ editions: false });
  const addresses = WORLD.filter(({ version }) => version === 4).map(({ address }) => address);
  const { records, summary } = await world.enrich(addresses, { sources: ["maxmind", "cymru"] });
  assertEquals(summary.sources.maxmind.skipped, { no_edition: addresses.length });
  assertEquals([summary.sources.maxmind.failed, summary.sources.cymru.failed], [{}, {}]);
  assertEquals(world.lab.requests.cymruSessions, 1);
  for (const record of records) {
    if ("error" in record) throw new Error(record.input);
    assertEquals(record.geo_country, null, "Cymru's country is the registry's");
    assertEquals(record.asn_source, record.asn_number === null ? null : "cymru");
  }
});

/** As many addresses of the ASN edition as are wanted, each in a network of the world. */
function neighbours(count: number, from = 0): string[] {
  const networks = WORLD.filter(({ coverage, version }) => coverage === "full" && version === 4)
    .map(({ network }) => network.split(".").slice(0, 3).join("."));
  return Array.from({ length: count }, (_, index) => index + from)
    .map((index) => `${networks[index % networks.length]}.${Math.floor(index / networks.length) % 256}`);
}

/** An ASN edition whose file can't be read any more. */
function brokenEditions() {
  return createMaxmind(buildEdition("GeoLite2-City"), { failure: "its file is cut off" });
}

Deno.test("trap 25: a broken edition sends at most 1 000 addresses of a run to Cymru", async () => {
  await using world = await openCascadeWorld();
  world.install(brokenEditions());
  const addresses = neighbours(1_500);
  const { summary } = await world.enrich(addresses, { sources: ["maxmind", "cymru"], batchSize: 800 });
  assertEquals(summary.sources.maxmind.failed, { corrupt: 1_500 });
  assertEquals([world.lab.requests.cymruAddresses, summary.sources.cymru.skipped], [1_000, {
    budget_spent: 500,
  }]);
  assertEquals(summary.sources.cymru.hit, 1_000);
});

Deno.test("trap 25: after three batches that all failed nothing goes to Cymru, in later runs too, until MaxMind mends", async () => {
  await using world = await openCascadeWorld();
  const known = neighbours(10);
  await world.enrich(known, { sources: ["maxmind"] });
  world.install(brokenEditions());
  const options = { sources: ["maxmind", "cymru"], batchSize: 10 } as const;
  const { summary } = await world.enrich([...known, ...neighbours(50, 10)], options);
  assertEquals(world.lab.requests.cymruAddresses, 10, "the second batch; the first has older facts");
  assertEquals(summary.sources.cymru.skipped, { not_needed: 10, circuit_open: 40 });
  const row = await rowOf(world, known[0]!);
  assertEquals([row.attempts.maxmind.outcome, row.asnSource, row.asnNumber], [
    "failed",
    "maxmind",
    truthOf(known[0]!).asnNumber,
  ]);

  world.lab.requests.reset();
  const later = await world.enrich([...known, ...neighbours(60, 10)], options);
  assertEquals(world.lab.requests.cymruAddresses, 0, "the circuit is everybody's");
  assert((later.summary.sources.cymru.skipped.circuit_open ?? 0) > 0);

  world.install(readEditions({}));
  world.clock.move(2 * 60_000);
  const mended = await world.enrich(neighbours(10, 200), { sources: ["maxmind", "cymru"] });
  assertEquals(mended.summary.sources.maxmind.failed, {});
  assertEquals((await world.deps.circuits.readCircuit("maxmind")).openUntil, null);
});

Deno.test("trap 25: addresses that are held back from MaxMind don't slip past its open circuit to Cymru", async () => {
  await using world = await openCascadeWorld();
  const installed = { cityBuildEpoch: null, asnBuildEpoch: null };
  const failure = { reason: "corrupt", message: "Cannot look up: broken" } as const;
  world.install({ installed, lookUp: () => ({ status: "failed", failure, durationMs: 0 }) });
  const addresses = neighbours(30);
  await world.enrich(addresses, { sources: ["maxmind"], batchSize: 10 });
  assertEquals((await world.deps.circuits.readCircuit("maxmind")).openUntil !== null, true);
  const { summary } = await world.enrich(addresses, { sources: ["maxmind", "cymru"] });
  assertEquals(summary.sources.maxmind.skipped, { backing_off: 30 });
  assertEquals([world.lab.requests.cymruAddresses, summary.sources.cymru.skipped], [0, { circuit_open: 30 }]);
});

Deno.test("trap 25: one record that can't be decoded fails its address alone", async () => {
  await using world = await openCascadeWorld();
  const city = damageEdition(buildEdition("GeoLite2-City"), "cyclic_pointer");
  world.install(createMaxmind(city, buildEdition("GeoLite2-ASN")));
  const { summary, records } = await world.enrich(["8.8.8.8", ...neighbours(20, 40)], {
    sources: ["maxmind", "cymru"],
  });
  assertEquals(summary.sources.maxmind.failed, { corrupt: 1 });
  assertEquals(world.lab.requests.of("cymruDns")[0]?.addresses, ["8.8.8.8"]);
  assertEquals(records.length, 21);
  assertEquals((await world.deps.circuits.readCircuit("maxmind")).failures, 0);
});

Deno.test("trap 27: 'XX' and 'ZZ' are never stored, and are no coverage", async () => {
  for (const code of ["XX", "ZZ"]) {
    await using world = await openCascadeWorld({
      editions: {
        change: (entry) => {
          const place = entry.city?.place;
          if (!place) return entry;
          return { ...entry, city: { ...entry.city!, place: { ...place, country: code } } };
        },
      },
    });
    await world.enrich(WORLD.map(({ address }) => address), { sources: ["maxmind", "cymru"] });
    const text = JSON.stringify(await world.dump());
    assertEquals(text.includes(`"${code}"`), false, code);
    const [row] = await world.sql.query<{ count: number }>(
      "select count(geo_country)::int as count from ip_inventory",
    );
    assertEquals(row?.count, 0);
  }
});
