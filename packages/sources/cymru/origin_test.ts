import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { mergeOrigins, type Origin, type OriginColumns, readOrigin, splitColumns } from "./origin.ts";

const COLUMNS: OriginColumns = {
  asn: "23028",
  prefix: "216.90.108.0/24",
  country: "US",
  registry: "arin",
  allocated: "1998-09-25",
  name: "TEAMCYMRU - SAUNET",
};

function origin(asns: readonly number[], prefix: string | null, asnOrg: string | null = null): Origin {
  const prefixLength = prefix === null ? -1 : Number(prefix.split("/")[1]);
  return { asns, prefix, prefixLength, countryCode: "US", registry: "arin", allocated: null, asnOrg };
}

Deno.test("splitColumns() keeps bars in the last column", () => {
  assertEquals(splitColumns(" a |b|  c | d | e ", 3), ["a", "b", "c | d | e"]);
  assertEquals(splitColumns("a|b", 3), ["a", "b"]);
  assertEquals(splitColumns("a||", 3), ["a", "", ""]);
});

Deno.test("readOrigin() reads a whole row", () => {
  assertEquals(readOrigin(COLUMNS), {
    asns: [23028],
    prefix: "216.90.108.0/24",
    prefixLength: 24,
    countryCode: "US",
    registry: "arin",
    allocated: "1998-09-25",
    asnOrg: "TEAMCYMRU - SAUNET",
  });
});

for (
  const [label, columns, expected] of [
    ["several ASNs of one column", { asn: "64500 23028" }, { asns: [64500, 23028] }],
    ["the highest ASN", { asn: "4294967295" }, { asns: [4294967295] }],
    ["an ASN past 32 bits as none", { asn: "4294967296" }, { asns: [] }],
    ["ASN 0 as none", { asn: "0" }, { asns: [] }],
    ["NA as not announced", { asn: "NA", prefix: "NA" }, { asns: [], prefix: null, prefixLength: -1 }],
    ["an empty country", { country: "" }, { countryCode: null }],
    ["a country in lower case", { country: "de" }, { countryCode: "DE" }],
    ["XX as no country", { country: "XX" }, { countryCode: null }],
    ["ZZ as no country", { country: "zz" }, { countryCode: null }],
    ["a country of three letters", { country: "USA" }, { countryCode: null }],
    ["an empty registry", { registry: "" }, { registry: null }],
    ["a registry in upper case", { registry: "RIPENCC" }, { registry: "ripencc" }],
    ["an empty date", { allocated: "" }, { allocated: null }],
    ["a day that no calendar has", { allocated: "2001-02-31" }, { allocated: null }],
    ["a date of zeros", { allocated: "0000-00-00" }, { allocated: null }],
    ["a date in another form", { allocated: "25.09.1998" }, { allocated: null }],
    ["NA as no name", { name: "NA" }, { asnOrg: null }],
    ["control characters in a name", { name: "A\u0000B\tC\u0085\ud800" }, { asnOrg: "A B C" }],
    ["an IPv6 prefix in another spelling", { prefix: "2A02:0:0::/32" }, {
      prefix: "2a02::/32",
      prefixLength: 32,
    }],
    ["the default route", { prefix: "0.0.0.0/0" }, { prefix: "0.0.0.0/0", prefixLength: 0 }],
    ["a prefix that is too long", { prefix: "192.0.2.0/33" }, { prefix: null, prefixLength: -1 }],
    ["a prefix without length", { prefix: "192.0.2.0" }, { prefix: null, prefixLength: -1 }],
  ] as const
) {
  Deno.test(`readOrigin() reads ${label}`, () => {
    assertEquals(readOrigin({ ...COLUMNS, ...columns }), { ...readOrigin(COLUMNS)!, ...expected });
  });
}

Deno.test("readOrigin() refuses a first column that holds no ASNs", () => {
  for (const asn of ["", "AS", "AS23028", "23028;", "-1", "NA NA", "1e3", "99999999999"]) {
    assertStrictEquals(readOrigin({ ...COLUMNS, asn }), null, asn);
  }
});

Deno.test("mergeOrigins() takes the longest prefix, then the lowest ASN, and keeps every ASN", () => {
  const merged = mergeOrigins([
    origin([64510], "192.0.0.0/16", "COARSE"),
    origin([64503, 64501], "192.0.2.0/24", "FINE"),
    origin([64502], "192.0.2.0/24", "OTHER"),
    origin([64501], "192.0.2.0/24", "LOWEST"),
    origin([], null),
  ]);
  assertEquals(merged, {
    asn: 64501,
    asns: [64501, 64502, 64503, 64510],
    asn_org: "LOWEST",
    country_code: "US",
    registry: "arin",
    prefix: "192.0.2.0/24",
    allocated: null,
  });
});

Deno.test("mergeOrigins() does not give an AS the name of its neighbour in the column", () => {
  assertEquals(mergeOrigins([origin([64503, 64501], "192.0.2.0/24", "OF 64503")])?.asn_org, null);
  assertEquals(mergeOrigins([origin([64501, 64503], "192.0.2.0/24", "OF 64501")])?.asn_org, "OF 64501");
});

Deno.test("mergeOrigins() finds nothing where nobody announces", () => {
  assertEquals(mergeOrigins([]), null);
  assertEquals(mergeOrigins([origin([], null), origin([], null)]), null);
});

Deno.test("mergeOrigins() gives the same answer in any order and with repetitions", () => {
  const anyOrigin = fc.record({
    asns: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
    prefix: fc.constantFrom(null, "10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"),
    name: fc.constantFrom(null, "A", "B"),
  }).map(({ asns, prefix, name }) => origin(asns, prefix, name));
  const twoOrders = fc.array(anyOrigin, { maxLength: 6 }).chain((origins) => {
    const shuffled = fc.shuffledSubarray([...origins, ...origins], {
      minLength: origins.length * 2,
      maxLength: origins.length * 2,
    });
    return fc.tuple(fc.constant(origins), shuffled);
  });
  fc.assert(fc.property(twoOrders, ([origins, shuffled]) => {
    const merged = mergeOrigins(origins);
    assertEquals(mergeOrigins(shuffled), merged);
    const all = [...new Set(origins.flatMap(({ asns }) => asns))].sort((a, b) => a - b);
    assertEquals(merged?.asns ?? [], all);
  }));
});
