import { assert, assertEquals, assertGreaterOrEqual, assertNotEquals, assertThrows } from "@std/assert";
import { formatAddress, parseAddress } from "./address.ts";
import {
  bestOrigin,
  describeAddress,
  findAutonomousSystem,
  LOCAL_ADDRESSES,
  truthOf,
  WORLD,
} from "./world.ts";
import { CARRIERS } from "./world_carriers.ts";
import { WORLD_COUNTRIES } from "./world_places.ts";

Deno.test("WORLD holds enough distinct canonical addresses of both versions", () => {
  assertGreaterOrEqual(WORLD.filter(({ version }) => version === 4).length, 150);
  assertGreaterOrEqual(WORLD.filter(({ version }) => version === 6).length, 20);
  assertEquals(new Set(WORLD.map(({ address }) => address)).size, WORLD.length);
  assertEquals(new Set(WORLD.map(({ network }) => network)).size, WORLD.length);
  for (const { address } of WORLD) assertEquals(formatAddress(parseAddress(address)), address);
});

Deno.test("WORLD holds every kind of gap", () => {
  const count = (holds: (entry: typeof WORLD[number]) => boolean) => WORLD.filter(holds).length;
  assertGreaterOrEqual(count(({ city, asn }) => city !== null && asn === null), 5);
  assertGreaterOrEqual(count(({ city, asn }) => city === null && asn !== null), 5);
  assertGreaterOrEqual(count(({ asn }) => asn !== null && asn.number === undefined), 5);
  assertGreaterOrEqual(count(({ asn }) => asn !== null && asn.org === undefined), 5);
  assertGreaterOrEqual(count(({ city, asn, origins }) => !city && !asn && origins.length > 0), 5);
  assertGreaterOrEqual(count(({ origins }) => origins.length === 0), 5);
  assertGreaterOrEqual(count(({ origins }) => origins.length > 1), 5);
  assertGreaterOrEqual(count(({ origins }) => origins.some(({ asName }) => /[\x80-\xff]/.test(asName))), 5);
  assertGreaterOrEqual(count(({ origins }) => origins.some(({ asName }) => asName.includes("|"))), 5);
  for (const classification of ["malicious", "benign", "unknown"]) {
    assertGreaterOrEqual(
      count(({ noise }) => noise?.noise === true && noise.classification === classification),
      5,
    );
  }
  assertGreaterOrEqual(count(({ noise }) => noise?.riot === true), 5);
  assertGreaterOrEqual(count(({ noise, version }) => noise === null && version === 4), 20);
});

Deno.test("WORLD names places and carriers that exist", () => {
  for (const { city } of WORLD) {
    if (city?.place) assert(city.place.country in WORLD_COUNTRIES, city.place.country);
  }
  for (const { places, ipv4 } of CARRIERS) {
    assert(places.length > 0);
    assertEquals(CARRIERS.filter((other) => other.ipv4 === ipv4).length, 1, ipv4);
  }
});

Deno.test("truthOf() tells what a cascade must find out", () => {
  assertEquals(truthOf("8.8.8.8"), {
    countryCode: "US",
    city: null,
    asnNumber: 15169,
    asnSource: "maxmind",
    noise: false,
    riot: true,
  });
  assertEquals(truthOf("1.1.1.1").asnNumber, 13335);
  assertEquals(truthOf("2001:4860:4860:0:0:0:0:8888").countryCode, "US");
  assertEquals(truthOf("::ffff:8.8.8.8").asnNumber, 15169);
  const sources = new Set(WORLD.map(({ address }) => truthOf(address).asnSource));
  assertEquals(sources, new Set(["maxmind", "cymru", null]));
});

Deno.test("describeAddress() derives the same answer for an unknown address each time", () => {
  const first = describeAddress("20.30.40.50");
  assertEquals(first, describeAddress("20.30.40.50"));
  assertEquals(first.origins.map(({ prefix }) => prefix), ["20.30.40.0/24"]);
  assertNotEquals(first.origins, describeAddress("20.30.41.50").origins);
  assertEquals(describeAddress("2a05:d018:1::7").origins[0]?.prefix, "2a05:d018::/32");
  assertEquals(findAutonomousSystem(first.origins[0]!.asn)?.asName, first.origins[0]?.asName);
  assertEquals(first.noise, null);
});

Deno.test("describeAddress() has no origin for local addresses", () => {
  for (const address of LOCAL_ADDRESSES) assertEquals(describeAddress(address).origins, [], address);
  assertThrows(() => describeAddress("not-an-ip"), TypeError, '"not-an-ip"');
});

Deno.test("bestOrigin() takes the longest prefix, then the lowest number", () => {
  const origin = { countryCode: "DE", registry: "ripencc", allocated: "2001-01-01", asName: "X" };
  const coarse = { ...origin, asn: 1, prefix: "1.2.0.0/16" };
  const fine = { ...origin, asn: 9, prefix: "1.2.3.0/24" };
  const lower = { ...origin, asn: 8, prefix: "1.2.3.0/24" };
  assertEquals(bestOrigin([coarse, fine, lower]), lower);
  assertEquals(bestOrigin([]), null);
});
