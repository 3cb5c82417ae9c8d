import { assertEquals, assertThrows } from "@std/assert";
import { ASN_FIELDS, type AsnFacts, readAsn } from "./asn.ts";
import type { MmdbValue } from "./mmdb_value.ts";
import { fieldsOf } from "./_test_fields.ts";

const ORG = "Google LLC";

const CASES: readonly (readonly [label: string, record: MmdbValue, facts: AsnFacts | null])[] = [
  ["both", record(15_169, ORG), { asn: 15_169, asn_org: ORG }],
  ["a number alone", { autonomous_system_number: 1 }, { asn: 1, asn_org: null }],
  ["an organisation alone", { autonomous_system_organization: ORG }, { asn: null, asn_org: ORG }],
  ["the largest number", record(4_294_967_295, ORG), { asn: 4_294_967_295, asn_org: ORG }],
  ["a number too large", record(4_294_967_296, ORG), { asn: null, asn_org: ORG }],
  ["a 64-bit number", record(4_200_000_000n, ORG), { asn: 4_200_000_000, asn_org: ORG }],
  ["a 128-bit number too large", record(1n << 100n, ORG), { asn: null, asn_org: ORG }],
  ["number 0", record(0, ORG), { asn: null, asn_org: ORG }],
  ["a negative number", record(-5, ORG), { asn: null, asn_org: ORG }],
  ["a fraction", record(1.5, ORG), { asn: null, asn_org: ORG }],
  ["NaN", record(NaN, ORG), { asn: null, asn_org: ORG }],
  ["a number that is a text", record("15169", ORG), { asn: null, asn_org: ORG }],
  ["a number that is true", record(true, ORG), { asn: null, asn_org: ORG }],
  ["an organisation with NUL", record(1, "A\0B\0"), { asn: 1, asn_org: "AB" }],
  ["an organisation that is empty", record(1, ""), { asn: 1, asn_org: null }],
  ["an organisation that is a number", record(1, 7), { asn: 1, asn_org: null }],
  ["an organisation that is a map", record(1, { en: ORG }), { asn: 1, asn_org: null }],
  ["neither", record("", 0), null],
  ["an empty record", {}, null],
  ["a list", [1], null],
  ["a text", ORG, null],
];

function record(number: MmdbValue, organization: MmdbValue): MmdbValue {
  return { autonomous_system_number: number, autonomous_system_organization: organization };
}

for (const [label, value, facts] of CASES) {
  Deno.test(`readAsn() reads ${label}`, () => {
    assertEquals(readAsn(fieldsOf(value, ASN_FIELDS)), facts);
  });
}

Deno.test("readAsn() freezes what it gives, since it is shared", () => {
  const facts = readAsn(fieldsOf(record(1, ORG), ASN_FIELDS)) as { asn: number };
  assertThrows(() => facts.asn = 2, TypeError);
});
