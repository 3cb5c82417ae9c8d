import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { EditionUnreadableError, type IpAddress, type LookupOutcome, parseAddress } from "@ipcascade/core";
import {
  asnRecord,
  buildEdition,
  cityRecord,
  damageEdition,
  type EditionDamage,
  MmdbWriter,
  truthOf,
  WORLD,
} from "@ipcascade/testkit";
import { createMaxmindSource } from "./maxmind_source.ts";
import { openMmdb } from "./mmdb.ts";

const CHECKED_AT = "2026-11-23T10:00:00.000Z";
const CITY_EPOCH = Date.UTC(2026, 10, 20) / 1000;
const ASN_EPOCH = Date.UTC(2026, 10, 21, 6, 30) / 1000;
const CITY = buildEdition("GeoLite2-City", { buildEpoch: CITY_EPOCH });
const ASN = buildEdition("GeoLite2-ASN", { buildEpoch: ASN_EPOCH });

function addressOf(text: string): IpAddress {
  const address = parseAddress(text);
  if (address === null) throw new TypeError(`Cannot use "${text}": no address`);
  return address;
}

/** A clock that goes 2 ms with every look at it. */
function tickingClock(): () => number {
  let now = 1_000;
  return () => now += 2;
}

const elapsed = () => 0;

function databaseOf(databaseType: string, record: Parameters<MmdbWriter["insert"]>[1]): Uint8Array {
  return new MmdbWriter({ databaseType, buildEpoch: CITY_EPOCH }).insert("1.2.3.0/24", record).toBytes();
}

Deno.test("MaxmindSource.lookUp() answers from both editions", () => {
  const source = createMaxmindSource({ city: CITY, asn: ASN, elapsed: tickingClock() });
  assertEquals(source.installed, { cityBuildEpoch: CITY_EPOCH, asnBuildEpoch: ASN_EPOCH });
  const outcome = source.lookUp(addressOf("8.8.8.8"), CHECKED_AT);
  const entry = WORLD.find(({ address }) => address === "8.8.8.8")!;
  const place = entry.city!.place!;
  assertEquals(outcome, {
    status: "hit",
    durationMs: 2,
    data: {
      country_code: "US",
      country_name: "United States",
      city: place.city?.names.en ?? null,
      latitude: place.latitude,
      longitude: place.longitude,
      accuracy_radius: place.accuracyRadius ?? null,
      asn: 15_169,
      asn_org: entry.asn!.org!,
      database_build: "2026-11-20T00:00:00.000Z",
      checked_at: CHECKED_AT,
    },
  });
});

Deno.test("MaxmindSource.lookUp() agrees with the synthetic world on every address of it", () => {
  const source = createMaxmindSource({ city: openMmdb(CITY), asn: openMmdb(ASN), elapsed });
  let hits = 0;
  for (const { address, asn } of WORLD) {
    const outcome = source.lookUp(addressOf(address), CHECKED_AT);
    const truth = truthOf(address);
    const expectedAsn = asn?.number ?? null;
    if (outcome.status !== "hit") {
      assertEquals([outcome.status, truth.countryCode, expectedAsn], ["miss", null, null], address);
      continue;
    }
    hits++;
    const { country_code, city } = outcome.data;
    assertEquals(
      [country_code, city, outcome.data.asn],
      [truth.countryCode, truth.city, expectedAsn],
      address,
    );
  }
  assert(hits > 20, `${hits} hits`);
});

Deno.test("MaxmindSource.lookUp() misses an address that no edition holds", () => {
  const source = createMaxmindSource({ city: CITY, asn: ASN, elapsed: tickingClock() });
  assertEquals(source.lookUp(addressOf("240.1.2.3"), CHECKED_AT), { status: "miss", durationMs: 2 });
});

const BERLIN = { city: { names: { en: "Berlin" } } };
const GOOGLE = { autonomous_system_number: 15_169, autonomous_system_organization: "Google LLC" };
const OUTCOMES: readonly (readonly [label: string, city: object, asn: object, status: string])[] = [
  ["both records", BERLIN, GOOGLE, "hit"],
  ["a City record alone", BERLIN, {}, "hit"],
  ["an ASN record alone", {}, GOOGLE, "hit"],
  ["a City record of the registered country", { registered_country: { iso_code: "US" } }, {}, "miss"],
  ["a placeholder country", { country: { iso_code: "XX" } }, {}, "miss"],
  ["an organisation without number", {}, { autonomous_system_organization: "Google LLC" }, "miss"],
  ["empty records", {}, {}, "miss"],
];

for (const [label, city, asn, status] of OUTCOMES) {
  Deno.test(`MaxmindSource.lookUp() makes a ${status} of ${label}`, () => {
    const source = createMaxmindSource({
      city: databaseOf("GeoLite2-City", city as never),
      asn: databaseOf("GeoLite2-ASN", asn as never),
      elapsed,
    });
    assertEquals(source.lookUp(addressOf("1.2.3.4"), CHECKED_AT).status, status);
  });
}

Deno.test("MaxmindSource.lookUp() keeps an organisation without number beside a City answer", () => {
  const source = createMaxmindSource({
    city: databaseOf("GeoLite2-City", BERLIN),
    asn: databaseOf("GeoLite2-ASN", { autonomous_system_organization: "Google LLC" }),
    elapsed,
  });
  const data = dataOf(source.lookUp(addressOf("1.2.3.4"), CHECKED_AT));
  assertEquals([data.city, data.asn, data.asn_org], ["Berlin", null, "Google LLC"]);
});

function dataOf<Data>(outcome: LookupOutcome<Data>): Data {
  if (outcome.status !== "hit") {
    throw new TypeError(`Cannot take the data: outcome is ${JSON.stringify(outcome)}`);
  }
  return outcome.data;
}

Deno.test("createMaxmindSource() serves a City edition alone", () => {
  const source = createMaxmindSource({ city: CITY, elapsed });
  assertEquals(source.installed, { cityBuildEpoch: CITY_EPOCH, asnBuildEpoch: null });
  const data = dataOf(source.lookUp(addressOf("8.8.8.8"), CHECKED_AT));
  assertEquals([data.country_code, data.asn, data.asn_org], ["US", null, null]);
  assertEquals(data.database_build, "2026-11-20T00:00:00.000Z");
});

Deno.test("createMaxmindSource() serves an ASN edition alone, with its build", () => {
  const source = createMaxmindSource({ city: null, asn: ASN, elapsed });
  assertEquals(source.installed, { cityBuildEpoch: null, asnBuildEpoch: ASN_EPOCH });
  const data = dataOf(source.lookUp(addressOf("8.8.8.8"), CHECKED_AT));
  assertEquals([data.country_code, data.city, data.latitude, data.asn], [null, null, null, 15_169]);
  assertEquals(data.database_build, "2026-11-21T06:30:00.000Z");
});

Deno.test("createMaxmindSource() skips every look-up when no edition is installed", () => {
  const source = createMaxmindSource({ elapsed });
  assertEquals(source.installed, null);
  assertEquals(source.lookUp(addressOf("8.8.8.8"), CHECKED_AT), {
    status: "skipped",
    reason: "no_edition",
    until: null,
  });
});

const BROKEN = { failure: "checksum is wrong" };
const BROKEN_PAIRS = [
  ["City", { city: BROKEN, asn: ASN }, { cityBuildEpoch: null, asnBuildEpoch: ASN_EPOCH }, /"City edition"/],
  ["ASN", { city: CITY, asn: BROKEN }, { cityBuildEpoch: CITY_EPOCH, asnBuildEpoch: null }, /"ASN edition"/],
  ["City alone", { city: BROKEN }, { cityBuildEpoch: null, asnBuildEpoch: null }, /"City edition"/],
  ["both", { city: BROKEN, asn: BROKEN }, { cityBuildEpoch: null, asnBuildEpoch: null }, /"City edition"/],
  [
    "ASN with a name and a build",
    { asn: { ...BROKEN, name: "GeoLite2-ASN", buildEpoch: 5 } },
    { cityBuildEpoch: null, asnBuildEpoch: 5 },
    /"GeoLite2-ASN"/,
  ],
] as const;

for (const [label, editions, installed, name] of BROKEN_PAIRS) {
  Deno.test(`createMaxmindSource() serves a broken edition as an incident: ${label}`, () => {
    const source = createMaxmindSource({ ...editions, elapsed });
    assertEquals(source.installed, installed);
    const outcome = source.lookUp(addressOf("8.8.8.8"), CHECKED_AT);
    assert(outcome.status === "failed");
    assertEquals(outcome.failure.reason, "corrupt");
    assertMatch(outcome.failure.message, name);
    assertMatch(outcome.failure.message, /: checksum is wrong$/);
  });
}

const DAMAGES: readonly EditionDamage[] = [
  "cyclic_tree",
  "cyclic_pointer",
  "deep_nesting",
  "oversized_array",
  "bad_utf8",
];

for (const damage of DAMAGES) {
  for (const edition of ["City", "ASN"] as const) {
    Deno.test(`MaxmindSource.lookUp() fails, and others go on, with ${damage} in ${edition}`, () => {
      const source = createMaxmindSource({
        city: edition === "City" ? damageEdition(CITY, damage) : CITY,
        asn: edition === "ASN" ? damageEdition(ASN, damage) : ASN,
        elapsed: tickingClock(),
      });
      for (let time = 0; time < 2; time++) {
        const outcome = source.lookUp(addressOf("8.8.8.8"), CHECKED_AT);
        assert(outcome.status === "failed", JSON.stringify(outcome));
        assertEquals([outcome.failure.reason, outcome.durationMs], ["corrupt", 2]);
        assertMatch(
          outcome.failure.message,
          new RegExp(`^Cannot look up "8.8.8.8" in "GeoLite2-${edition}": `),
        );
      }
      assertEquals(source.lookUp(addressOf("1.1.1.1"), CHECKED_AT).status, "hit");
      assertEquals(source.installed, { cityBuildEpoch: CITY_EPOCH, asnBuildEpoch: ASN_EPOCH });
    });
  }
}

const TYPES = [
  ["city", "GeoLite2-City", true],
  ["city", "GeoIP2-City", true],
  ["city", "GeoIP2-City-Europe", true],
  ["city", "DBIP-City-Lite", true],
  ["city", "DBIP-City-Lite (compat=City)", true],
  ["city", "GeoLite2-ASN", false],
  ["city", "GeoLite2-Country", false],
  ["asn", "GeoLite2-ASN", true],
  ["asn", "DBIP-ASN-Lite (compat=GeoLite2-ASN)", true],
  ["asn", "GeoIP2-ISP", true],
  ["asn", "GeoLite2-City", false],
  ["asn", "GeoIP2-Anonymous-IP", false],
] as const;

for (const [kind, databaseType, isAccepted] of TYPES) {
  Deno.test(`createMaxmindSource() ${isAccepted ? "takes" : "refuses"} ${databaseType} as ${kind}`, () => {
    const bytes = databaseOf(databaseType, kind === "city" ? BERLIN : GOOGLE);
    const create = () => createMaxmindSource({ [kind]: bytes, elapsed });
    if (!isAccepted) {
      assertThrows(create, EditionUnreadableError, `Cannot use "${databaseType}" as ${kind} edition`);
      assertThrows(() => createMaxmindSource({ [kind]: openMmdb(bytes), elapsed }), EditionUnreadableError);
      return;
    }
    assertEquals(create().lookUp(addressOf("1.2.3.4"), CHECKED_AT).status, "hit");
  });
}

Deno.test("createMaxmindSource() refuses bytes that are no database", () => {
  const html = new TextEncoder().encode("<html>");
  assertThrows(() => createMaxmindSource({ city: html, elapsed }), EditionUnreadableError, "no metadata");
  assertThrows(() => createMaxmindSource({ asn: new Uint8Array(), elapsed }), EditionUnreadableError);
});

Deno.test("MaxmindSource.lookUp() finds IPv6 addresses", () => {
  const writer = new MmdbWriter({ databaseType: "GeoLite2-ASN" }).insert(
    "2001:4860::/32",
    asnRecord({ number: 7 }),
  );
  const source = createMaxmindSource({ asn: writer.toBytes(), elapsed });
  assertEquals(dataOf(source.lookUp(addressOf("2001:4860:4860::8888"), CHECKED_AT)).asn, 7);
  assertEquals(source.lookUp(addressOf("2001:4861::1"), CHECKED_AT).status, "miss");
});

Deno.test("MaxmindSource.lookUp() gives equal answers from many editions of one process", () => {
  // Several record sizes at once, as City and ASN have in life.
  const place = cityRecord(WORLD.find(({ address }) => address === "8.8.8.8")!.city!);
  for (const recordSize of [24, 28, 32] as const) {
    const writer = new MmdbWriter({ databaseType: "GeoLite2-City", recordSize }).insert("1.2.3.0/24", place);
    const source = createMaxmindSource({ city: writer.toBytes(), asn: ASN, elapsed });
    assertEquals(dataOf(source.lookUp(addressOf("1.2.3.4"), CHECKED_AT)).country_code, "US");
  }
});
