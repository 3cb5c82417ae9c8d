import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { DocumentReader } from "./_document_reader.ts";

const ADDRESS = "203.0.113.1";
const SHARED = { _meta: { version: 1, sources: {} }, address: { scope: "global" } };

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    ', "maxmind": {',
    '{"a": 1, "maxmind": {"b": 2}}',
    '}, "address": ',
    "maxmind",
    "__proto__",
  ),
);
const name = fc.oneof(fc.constantFrom("maxmind", "address", "_meta", "cymru", "greynoise", "sources"), text);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true, false),
    fc.array(tie("any"), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.dictionary(name, tie("any"), { maxKeys: 4 }),
}));
const object = value.object as fc.Arbitrary<Record<string, unknown>>;
const document = fc.oneof(
  object,
  fc.record({ maxmind: object, more: object }).map(({ maxmind, more }) => ({ ...more, maxmind, ...SHARED })),
  fc.record({ maxmind: object, greynoise: object, sources: object }).map(({ sources, ...answers }) => ({
    ...answers,
    address: { scope: "global" },
    _meta: { version: 1, sources },
  })),
);

Deno.test("DocumentReader reads what JSON.parse() reads, whoever wrote the documents", () => {
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 4 }), (documents) => {
      const reader = new DocumentReader();
      // Each of them twice: the second time its head is known.
      for (const one of [...documents, ...documents]) {
        const full = { ...one, address: {}, _meta: { sources: {} }, ...recordsOf(one) };
        const json = writeJsonb(full);
        assertEquals(JSON.stringify(reader.read(json, ADDRESS)), JSON.stringify(JSON.parse(json)), json);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("DocumentReader shares what documents have in common, which nobody can change then", () => {
  const reader = new DocumentReader();
  const [one, other] = ["A", "B"].map((city) =>
    reader.read(writeJsonb({ maxmind: { city }, ...SHARED }), ADDRESS)
  );
  assertEquals([one!.maxmind?.city, other!.maxmind?.city], ["A", "B"]);
  assert(one!._meta === other!._meta, "parsed once");
  assert(Object.isFrozen(one!._meta.sources) && Object.isFrozen(one!.address));
});

Deno.test("DocumentReader completes a document that others wrote", () => {
  const { address, _meta, ...rest } = new DocumentReader().read('{"maxmind": {"city": "A"}}', "10.0.0.1");
  assertEquals([address, _meta.sources, rest], [{ scope: "private" }, {}, { maxmind: { city: "A" } }]);
});

/** The parts that a document of ours has, where they are objects. */
function recordsOf(one: Record<string, unknown>): Record<string, unknown> {
  const { address, _meta } = one as { address?: unknown; _meta?: { sources?: unknown } };
  return {
    ...(isRecord(address) ? { address } : {}),
    ...(isRecord(_meta) && isRecord(_meta?.sources) ? { _meta } : {}),
  };
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON as PostgreSQL writes `jsonb`: the shorter names first, blanks after commas and colons. */
function writeJsonb(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeJsonb).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}: ${writeJsonb(field)}`).join(", ")}}`;
}
