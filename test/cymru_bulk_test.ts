import { assert, assertEquals } from "@std/assert";
import type { CymruAnswer } from "@ipcascade/core";
import {
  bestOrigin,
  describeAddress,
  LOCAL_ADDRESSES,
  truthOf,
  WORLD,
  type WorldOrigin,
} from "@ipcascade/testkit";
import { type Fault } from "@ipcascade/testkit/lab";
import { MS_PER_DAY } from "@ipcascade/core";
import { openCascadeWorld, recordOf } from "./cascade_world.ts";

/** MaxMind and Cymru alone: GreyNoise has its own tests. */
const SOURCES = { sources: ["maxmind", "cymru"] } as const;

/** Addresses of the world whose ASN MaxMind doesn't know. */
const UNKNOWN_TO_MAXMIND = WORLD.filter((entry) => entry.asn?.number === undefined).map((entry) =>
  entry.address
);

/** `count` addresses outside the world's table, no two in one /24. */
function inventAddresses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `23.${index >> 8}.${index & 255}.${1 + index % 254}`);
}

/** What Cymru must have said about an address with these origins. */
function expectAnswer(origins: readonly WorldOrigin[]): Omit<CymruAnswer, "checked_at"> | undefined {
  const best = bestOrigin(origins);
  if (best === null) return undefined;
  return {
    asn: best.asn,
    asns: [...new Set(origins.map(({ asn }) => asn))].sort((a, b) => a - b),
    asn_org: best.asName,
    country_code: best.countryCode,
    registry: best.registry,
    prefix: best.prefix,
    allocated: best.allocated,
  };
}

function withoutStamp(answer: CymruAnswer | undefined): Omit<CymruAnswer, "checked_at"> | undefined {
  if (answer === undefined) return undefined;
  const { checked_at: _, ...facts } = answer;
  return facts;
}

Deno.test("enrichMany() asks Cymru about 3 000 addresses in one session a batch, each once, and gets the truth", async () => {
  await using world = await openCascadeWorld();
  const distinct = [...UNKNOWN_TO_MAXMIND, ...inventAddresses(3_000 - UNKNOWN_TO_MAXMIND.length)];
  const inputs = [...distinct, ...distinct.slice(0, 500), ...LOCAL_ADDRESSES, "not-an-ip", ""];
  const result = await world.enrich(inputs, SOURCES);
  const { requests } = world.lab;
  assertEquals([requests.cymruConnections, requests.cymruSessions, requests.cymruAddresses], [1, 1, 3_000]);
  assertEquals([requests.cymruSingles, requests.dnsQueries], [0, 0]);
  assertEquals(new Set(requests.of("cymruWhois")[0]?.addresses).size, 3_000);
  for (const address of distinct) {
    const { asn_number, asn_source, geo_country, enrichment } = recordOf(result, address);
    const truth = truthOf(address);
    assertEquals([asn_number, asn_source], [truth.asnNumber, truth.asnSource], address);
    assertEquals(geo_country, truth.countryCode, `${address}: Cymru's country is the registry's`);
    assertEquals(withoutStamp(enrichment.cymru), expectAnswer(describeAddress(address).origins), address);
  }
  assertEquals(result.summary.stored, 3_000);
  assertEquals((await world.dump()).length, 3_000, "no row for what is local or no address");
});

Deno.test("enrichMany() opens one session for each batch and asks nothing twice across batches", async () => {
  await using world = await openCascadeWorld();
  const distinct = inventAddresses(900);
  const inputs = distinct.flatMap((address, index) =>
    index % 3 === 0 ? [address, distinct[index >> 1]!] : [address]
  );
  const result = await world.enrich(inputs, { ...SOURCES, batchSize: 400 });
  assertEquals(result.records.map((record) => record.input), inputs);
  const { requests } = world.lab;
  assertEquals([requests.cymruSessions, requests.cymruConnections, requests.cymruAddresses], [3, 3, 900]);
  assertEquals([requests.cymruSingles, requests.dnsQueries], [0, 0]);
});

const ADDRESSES = [...UNKNOWN_TO_MAXMIND.slice(-40), ...inventAddresses(40)];
const LATIN = (origin: WorldOrigin) => ({ ...origin, asName: `Universität ${origin.asName}` });

const SPELLINGS: readonly [
  label: string,
  faults: readonly Fault[],
  change: (o: readonly WorldOrigin[]) => readonly WorldOrigin[],
][] = [
  ["in another order", [{ kind: "order", order: "shuffled" }], (origins) => origins],
  ["backwards", [{ kind: "order", order: "reversed" }], (origins) => origins],
  ["twice", [{ kind: "duplicated" }], (origins) => origins],
  ["below a header", [{ kind: "header" }], (origins) => origins],
  ["with IPv6 in capitals", [{ kind: "ipv6Spelling", spelling: "upper" }], (origins) => origins],
  ["with IPv6 in full", [{ kind: "ipv6Spelling", spelling: "expanded" }], (origins) => origins],
  ["with names in Latin-1", [{ kind: "latin1" }], (origins) => origins.map(LATIN)],
  [
    "with several origins, twice, shuffled, in Latin-1 and capitals",
    [
      { kind: "multiOrigin" },
      { kind: "duplicated" },
      { kind: "order", order: "shuffled" },
      { kind: "latin1" },
      { kind: "ipv6Spelling", spelling: "upper" },
    ],
    ([first, ...rest]) => {
      if (first === undefined) return [];
      const changed = [first, ...rest].map(LATIN);
      const second = { ...changed[0]!, asn: first.asn + 100_000, asName: `SECOND ${changed[0]!.asName}` };
      return [second, ...changed];
    },
  ],
];

Deno.test("enrichMany() reads Cymru's rows however they are spelled", async (t) => {
  await using world = await openCascadeWorld();
  assert(ADDRESSES.some((address) => address.includes(":")), "IPv6 is among them");
  assert(ADDRESSES.some((address) => describeAddress(address).origins.length > 1), "several origins too");
  assert(ADDRESSES.some((address) => describeAddress(address).origins[0]?.asName.includes("|")));
  for (const [label, faults, change] of SPELLINGS) {
    await t.step(label, async () => {
      world.lab.setFault("cymruWhois", faults);
      const result = await world.enrich(ADDRESSES, { sources: ["cymru"], refresh: true });
      for (const address of ADDRESSES) {
        const expected = expectAnswer(change(describeAddress(address).origins));
        assertEquals(withoutStamp(recordOf(result, address).enrichment.cymru), expected, address);
      }
    });
  }
});

Deno.test("enrichMany() remembers Cymru's NA for 90 days", async () => {
  await using world = await openCascadeWorld();
  const unrouted = WORLD.filter(({ coverage }) => coverage === "unrouted" || coverage === "unknown")
    .map(({ address }) => address);
  const first = await world.enrich(unrouted, SOURCES);
  assertEquals(first.summary.sources.cymru.miss, unrouted.length);
  assertEquals(world.lab.requests.cymruAddresses, unrouted.length);
  for (const [days, asked] of [[0, 0], [89, 0], [2, unrouted.length], [89, 0]] as const) {
    world.clock.move(days * MS_PER_DAY);
    world.lab.requests.reset();
    const again = await world.enrich(unrouted, SOURCES);
    assertEquals(world.lab.requests.cymruAddresses, asked, `after ${days} more days`);
    assertEquals(again.records.every((record) => "error" in record || record.from_inventory), asked === 0);
  }
});

Deno.test("enrichMany() keeps the rows of a cut session and asks once more for the others alone", async () => {
  await using world = await openCascadeWorld();
  world.lab.setFault("cymruWhois", { kind: "cut", after: 0.4, times: 1 });
  const addresses = inventAddresses(200);
  const result = await world.enrich(addresses, SOURCES);
  const [first, second, ...more] = world.lab.requests.of("cymruWhois").map((request) =>
    request.addresses ?? []
  );
  assertEquals([first?.length, more.length], [200, 0]);
  assert(second!.length > 80 && second!.length < 160, `${second!.length} were asked again`);
  assertEquals(result.summary.sources.cymru.hit, 200);
  for (const address of addresses) {
    assertEquals(recordOf(result, address).asn_number, truthOf(address).asnNumber);
  }
});

Deno.test("enrichMany() stores what two cut sessions brought and holds the rest back", async () => {
  await using world = await openCascadeWorld();
  world.lab.setFault("cymruWhois", { kind: "cut", after: 0.5 });
  const addresses = inventAddresses(200);
  const result = await world.enrich(addresses, SOURCES);
  assertEquals(world.lab.requests.cymruSessions, 2);
  const { hit, failed } = result.summary.sources.cymru;
  assertEquals(hit + (failed.cut ?? 0), 200);
  assert(hit > 100, `${hit} rows are kept`);
  for (const address of addresses) {
    const { asn_number, enrichment } = recordOf(result, address);
    const outcome = enrichment._meta.sources.cymru?.outcome;
    assertEquals(asn_number, outcome === "hit" ? truthOf(address).asnNumber : null, address);
  }
  world.lab.clearFaults();
  world.lab.requests.reset();
  await world.enrich(addresses, SOURCES);
  assertEquals(world.lab.requests.cymruAddresses, 0, "no attempt is due yet");
  world.clock.move(20 * 60_000);
  const healed = await world.enrich(addresses, SOURCES);
  assertEquals(world.lab.requests.cymruAddresses, failed.cut);
  for (const address of addresses) {
    assertEquals(recordOf(healed, address).asn_number, truthOf(address).asnNumber);
  }
});

Deno.test("enrichMany() takes error lines for failures, never for misses, and asks no second time", async () => {
  await using world = await openCascadeWorld();
  const addresses = inventAddresses(60);
  const refused = addresses.filter((_, index) => index % 4 === 0);
  world.lab.setFault("cymruWhois", { kind: "errorLines", addresses: refused });
  const result = await world.enrich(addresses, SOURCES);
  assertEquals(world.lab.requests.cymruSessions, 1);
  for (const address of addresses) {
    const { enrichment } = recordOf(result, address);
    const expected = refused.includes(address) ? ["failed", "rejected"] : ["hit", undefined];
    const { outcome, reason } = enrichment._meta.sources.cymru!;
    assertEquals<unknown>([outcome, reason], expected, address);
  }
});

Deno.test("enrichMany() leaves Cymru alone after two silent sessions, for all processes, and tries again later", async () => {
  await using world = await openCascadeWorld({ timeoutMs: 200 });
  world.lab.setFault("cymruWhois", { kind: "drop" });
  const first = await world.enrich(inventAddresses(20), SOURCES);
  assertEquals([world.lab.requests.cymruSessions, first.summary.sources.cymru.failed], [2, { timeout: 20 }]);
  const others = inventAddresses(40).slice(20);
  const second = await world.enrich(others, SOURCES);
  assertEquals(world.lab.requests.cymruSessions, 2);
  assertEquals(second.summary.sources.cymru.skipped, { circuit_open: 20 });
  world.lab.clearFaults();
  world.clock.move(6 * 60_000);
  const third = await world.enrich(others, SOURCES);
  assertEquals([world.lab.requests.cymruSessions, third.summary.sources.cymru.hit], [3, 20]);
  assertEquals((await world.deps.circuits.readCircuit("cymru")).openUntil, null);
});
