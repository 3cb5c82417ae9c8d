import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { parseAddress } from "@ipcascade/core";
import { buildEdition, damageEdition, MmdbWriter, WORLD } from "@ipcascade/testkit";
import { openAsn, openCity } from "./edition.ts";
import type { CityFacts } from "./city.ts";
import type { Found } from "./edition.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import { type NetworkFacts, NetworkIndex } from "./network_index.ts";

const CITY = buildEdition("GeoLite2-City");
const ASN = buildEdition("GeoLite2-ASN");
/** More than one step, with what is no address strewn in. */
const TEXTS = Array.from({ length: 3 }, () => WORLD.map(({ address }) => address)).flat()
  .flatMap((address, index) => index % 7 === 0 ? [address, "1.2.3", "", `${address} `] : [address]);

Deno.test("OpenEdition.findTexts() gives what findText() does, whatever stands between", () => {
  const city = openCity(CITY);
  const found: Found<CityFacts>[] = [];
  city.findTexts(TEXTS, found);
  assert(TEXTS.length > 300);
  for (const [index, text] of TEXTS.entries()) assertStrictEquals(found[index], city.findText(text));
  assert(found.includes(undefined) && found.some((one) => one !== undefined && one !== null));
});

Deno.test("OpenEdition.findText() finds of every spelling what find() finds of the address", () => {
  const [city, asn] = [openCity(CITY), openAsn(ASN)];
  const index = new NetworkIndex(city, asn);
  const spellings = WORLD.flatMap(({ address }) =>
    address.includes(":")
      ? [address, address.toUpperCase()]
      : [address, `::ffff:${address}`, `0::FFFF:${address}`]
  );
  for (const text of spellings) {
    const address = parseAddress(text)!;
    const expected = { place: city.find(address), origin: asn.find(address) };
    assertEquals({ place: city.findText(text), origin: asn.findText(text) }, expected, text);
    assertEquals(index.find(text), expected, text);
  }
  assert(spellings.some((text) => text.startsWith("::ffff:") && city.findText(text) !== null));
});

Deno.test("OpenEdition.findText() takes a mapped address for IPv4 where the tree does not know of them", () => {
  for (const ipVersion of [4, 6] as const) {
    const writer = new MmdbWriter({ databaseType: "GeoLite2-City", ipVersion, aliases: false });
    writer.insert("0.0.0.0/1", { country: { iso_code: "DE" } });
    const city = openCity(writer.toBytes());
    for (const text of ["1.2.3.4", "::ffff:1.2.3.4", "::ffff:0:0", "::ffff:102:304"]) {
      assertEquals(city.findText(text)?.country_code, "DE", `${text}, IPv${ipVersion}`);
    }
    assertEquals([city.findText("::fffe:1.2.3.4"), city.findText("::ffff:128.0.0.1")], [null, null]);
  }
});

Deno.test("NetworkIndex.findMany() joins what both editions say", () => {
  const [city, asn] = [openCity(CITY), openAsn(ASN)];
  const index = new NetworkIndex(city, asn);
  const found: Found<NetworkFacts>[] = [];
  index.findMany(TEXTS, found);
  for (const [at, text] of TEXTS.entries()) {
    const place = city.findText(text);
    const expected = place === undefined ? undefined : { place, origin: asn.findText(text)! };
    assertEquals(found[at], expected, text);
    assertEquals(index.find(text), expected, text);
  }
});

Deno.test("OpenEdition.findTexts() puts a damaged record in its place and goes on", () => {
  const city = openCity(damageEdition(CITY, "cyclic_pointer"));
  const found: Found<CityFacts>[] = [];
  city.findTexts(TEXTS, found);
  const damaged = TEXTS.filter((_, index) => found[index] instanceof MmdbCorruptError);
  assert(damaged.length > 0);
  for (const text of damaged) assertThrows(() => city.findText(text), MmdbCorruptError);
  assertEquals(found.length, TEXTS.length);
});

Deno.test("OpenEdition.findTexts() puts a damaged tree in the places of its addresses", () => {
  const writer = new MmdbWriter({ databaseType: "GeoLite2-City", recordSize: 24, ipVersion: 4 });
  writer.insert("1.0.0.0/8", { country: { iso_code: "DE" } });
  const bytes = writer.toBytes();
  // Both records of the root lead back to it.
  bytes.fill(0, 0, 6);
  const found: Found<CityFacts>[] = [];
  const city = openCity(bytes);
  city.findTexts(["1.2.3.4", "x", "200.1.1.1"], found);
  assertEquals(found.map((one) => one instanceof MmdbCorruptError), [true, false, true]);
});
