import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Enrichment } from "@ipcascade/core";
import { createLineTexts } from "./_line_texts.ts";
import { cleanJson, cleanText } from "./_parameters.ts";

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("a", "\\", '"', "\t", "\n", "\r", "\u0000", "\u0001", "\ud800", "\u{1f600}"),
  }),
);
const nullable = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const provenance = fc.record({
  outcome: fc.constantFrom("hit", "miss", "failed", "skipped"),
  reason: fc.constantFrom("not_selected", "not_needed"),
  checked_at: fc.constantFrom("2026-11-23T12:00:00.000Z", "2026-11-23T12:00:00.001Z"),
  duration_ms: fc.oneof(fc.constant(0), fc.double()),
}, { requiredKeys: ["outcome", "checked_at", "duration_ms"] });

const fields = {
  country_code: nullable(text),
  country_name: nullable(text),
  city: nullable(text),
  latitude: nullable(fc.double({ noNaN: true, noDefaultInfinity: true })),
  longitude: nullable(fc.double({ noNaN: true, noDefaultInfinity: true })),
  accuracy_radius: nullable(fc.integer()),
  asn: nullable(fc.nat()),
  asn_org: nullable(text),
  database_build: text,
  checked_at: text,
};
const ours = {
  maxmind: fc.record(fields),
  address: fc.record({ scope: fc.constantFrom("global", "private") }),
  _meta: fc.record({
    version: fc.nat(),
    sources: fc.record({ maxmind: provenance, cymru: provenance, greynoise: provenance }, {
      requiredKeys: [],
    }),
  }),
};
/** Documents with nothing but MaxMind's answer, and such with more or less, or what JSON has no number for. */
const document = fc.oneof(
  fc.record(ours),
  fc.record({ ...ours, greynoise: fc.record({ noise: fc.boolean(), name: text }) }, {
    requiredKeys: ["address", "_meta"],
  }),
  fc.record({ ...ours, maxmind: fc.record({ ...fields, latitude: fc.constantFrom(NaN, Infinity, -0) }) }),
  fc.record({ ...ours, maxmind: fc.record({ ...fields, more: text }) }),
  fc.record({ ...ours, maxmind: fc.record(fields, { requiredKeys: ["asn"] }) }),
);

/** Reads a field as COPY does. */
function unescape(field: string): string {
  const escapes: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", "\\": "\\" };
  return field.replace(/\\(.)/g, (_, character) => escapes[character]!);
}

Deno.test("writeDocument() writes what JSON.stringify writes, as a field of a line", () => {
  const writers = createLineTexts();
  fc.assert(
    fc.property(document, (one) => {
      const field = writers.writeDocument(one as unknown as Enrichment);
      assertEquals(/[\t\n\r]/.test(field), false);
      assertEquals(unescape(field), cleanJson(one));
    }),
    { numRuns: 400 },
  );
});

Deno.test("writeText() writes a clean text as a field of a line", () => {
  const { writeText } = createLineTexts();
  fc.assert(
    fc.property(text, (one) => {
      const field = writeText(one);
      assertEquals(/[\t\n\r]/.test(field), false);
      assertEquals(unescape(field), cleanText(one));
    }),
  );
});
