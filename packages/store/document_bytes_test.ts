import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Enrichment } from "@ipcascade/core";
import { createDocumentWriter } from "./_document_bytes.ts";
import { cleanJson } from "./_parameters.ts";
import { RowBytes } from "./_row_bytes.ts";
import { maxmindRow } from "./testing/rows.ts";

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
  until: fc.constantFrom("2026-11-24T00:00:00.000Z"),
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

function write(one: unknown, bytes = new RowBytes(16)): string {
  createDocumentWriter()(one as Enrichment, bytes);
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes.take());
}

Deno.test("a document's bytes are what JSON.stringify writes, but for the order of the keys", () => {
  const bytes = new RowBytes(16);
  fc.assert(
    fc.property(document, (one) => {
      assertEquals(JSON.parse(write(one, bytes)), JSON.parse(cleanJson(one)));
    }),
    { numRuns: 400 },
  );
});

Deno.test("what was remembered of one document's sources is not told of the next one's", () => {
  const bytes = new RowBytes(16);
  const writer = createDocumentWriter();
  fc.assert(
    fc.property(fc.array(document, { minLength: 2, maxLength: 5 }), (documents) => {
      for (const one of documents) {
        writer(one as unknown as Enrichment, bytes);
        const written = new TextDecoder().decode(bytes.take());
        assertEquals(JSON.parse(written), JSON.parse(cleanJson(one)));
      }
    }),
  );
});

Deno.test("a plain document has its keys in the order in which jsonb keeps them", () => {
  const { enrichment } = maxmindRow("192.0.2.1", 64_500);
  const stamp = { checked_at: "2026-11-23T12:00:00.000Z", duration_ms: 0 };
  const skipped = { outcome: "skipped", reason: "not_selected", ...stamp };
  const sources = { maxmind: { outcome: "hit", ...stamp }, cymru: skipped, greynoise: skipped };
  const text = write({ ...enrichment, _meta: { version: 1, sources } });
  const inOrder = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const fields = Object.entries(value).map(([key, part]) => [key, inOrder(part)] as const);
    return Object.fromEntries(
      fields.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)),
    );
  };
  assertEquals(text, JSON.stringify(inOrder(JSON.parse(text))));
});
