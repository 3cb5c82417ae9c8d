import { assert, assertEquals } from "@std/assert";
import { classifyScope, parseAddress } from "@ipcascade/core";
import { createAnnotationForm } from "@ipcascade/render";
import { createMaxmindIndex, createMaxmindSource, openAsn, openCity, openMmdb } from "@ipcascade/sources";
import { buildEdition, damageEdition, LOCAL_ADDRESSES, MmdbWriter, WORLD } from "@ipcascade/testkit";
import fc from "fast-check";
import type { ChunkEngine } from "../bulk/chunk_engine.ts";
import { MAX_LINE_BYTES } from "../line_splitter.ts";
import { type AnnotatorOptions, createAnnotator } from "./annotator.ts";

const CITY = buildEdition("GeoLite2-City");
const ASN = buildEdition("GeoLite2-ASN");
const city = openCity(CITY);
const asn = openAsn(ASN);

function openAnnotator(cityBytes = CITY, options: AnnotatorOptions = {}): ChunkEngine {
  const editions = { city: openMmdb(cityBytes), asn: openMmdb(ASN) };
  const elapsed = () => 0;
  return createAnnotator({
    index: createMaxmindIndex(editions)!,
    maxmind: createMaxmindSource({ ...editions, elapsed }),
    clock: { now: () => 0, elapsed },
    form: createAnnotationForm(),
  }, options);
}

interface Annotated {
  readonly text: string;
  readonly hits: number;
  readonly failed: number;
  readonly inputs: number;
  readonly invalid: number;
}

function annotate(text: string, engine = openAnnotator()): Annotated {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  let [out, hits, failed, inputs, invalid] = ["", 0, 0, 0, 0];
  for (const piece of engine.process({ kind: "lines", name: "x", firstLine: 1, bytes })) {
    out += decoder.decode(piece.bytes, { stream: true });
    hits += piece.counts.hits;
    inputs += piece.counts.inputs;
    invalid += piece.counts.invalid;
    failed += Object.values(piece.counts.failed).reduce((sum, count) => sum + count, 0);
  }
  return { text: out, hits, failed, inputs, invalid };
}

/** What is written about an address behind a plain line, put together apart from the product. */
function expectedPlain(address: string): string {
  const scope = classifyScope(parseAddress(address)!);
  if (scope !== "global") return ` scope="${scope}"`;
  const place = city.findText(address) ?? null;
  const origin = asn.findText(address) ?? null;
  const text = (value: string | null | undefined) =>
    value === null || value === undefined ? "-" : JSON.stringify(value);
  const number = origin?.asn ?? null;
  return ` geo_country=${text(place?.country_code)} geo_city=${text(place?.city)} ` +
    `asn_number=${number ?? "-"} asn_org=${number === null ? "-" : text(origin?.asn_org)}`;
}

const LOG = '8.8.8.8 - - [27/Nov/2026:06:41:19 +0000] "GET / HTTP/1.1" 200 3';

Deno.test("createAnnotator() writes what is known behind plain lines", () => {
  const known = ' geo_country="US" geo_city=- asn_number=15169 asn_org="GOOGLE"';
  const { text, hits, inputs } = annotate(`${LOG}\nno address\n\n10.0.0.1 x\r\nfrom 8.8.8.8`);
  assertEquals(text, `${LOG}${known}\nno address\n\n10.0.0.1 x scope="private"\r\nfrom 8.8.8.8${known}`);
  assertEquals([hits, inputs], [2, 5]);
});

Deno.test("createAnnotator() leaves objects alone that have its field, and does not add one behind a comma", () => {
  const once = annotate('{"src_ip":"8.8.8.8"}\n').text;
  assertEquals(annotate(once).text, once);
  const nested = '{"src_ip":"8.8.8.8","a":{"b":{}}}';
  assertEquals(Object.keys(JSON.parse(annotate(nested).text)), ["src_ip", "a", "ipcascade"]);
  assertEquals(annotate('{"x":"8.8.8.8",}').text, `{"x":"8.8.8.8",}${expectedPlain("8.8.8.8")}`);
});

Deno.test("createAnnotator() counts lines that are too long, and looks into none of them", () => {
  const long = `8.8.8.8 ${"x".repeat(MAX_LINE_BYTES - 7)}`;
  const longest = long.slice(0, -1);
  const { text, inputs, invalid } = annotate(`${long}\n${longest}\n${long}`);
  assertEquals([inputs, invalid], [3, 2]);
  assertEquals(text, `${long}\n${longest}${expectedPlain("8.8.8.8")}\n${long}`);
  const bytes = new TextEncoder().encode(long);
  for (const [raw, count] of [["long", 1], ["rest", 0]] as const) {
    const [piece] = openAnnotator().process({ kind: "lines", name: "x", firstLine: 1, bytes, raw });
    assertEquals([piece!.bytes, piece!.counts.inputs, piece!.counts.invalid], [bytes, count, count]);
  }
});

Deno.test("createAnnotator() adds a field to JSON objects and leaves other braces alone", () => {
  const lines = ['{"src_ip":"8.8.8.8","a":{"b":1}} ', '{"ip":"127.0.0.1"}', "{8.8.8.8}"];
  const [first, second, third] = annotate(lines.join("\n")).text.split("\n");
  const { ipcascade, ...rest } = JSON.parse(first!);
  assertEquals(rest, { src_ip: "8.8.8.8", a: { b: 1 } });
  assertEquals(ipcascade, {
    scope: "global",
    geo_country: "US",
    geo_city: null,
    geo_latitude: 37.751,
    geo_longitude: -97.822,
    asn_number: 15169,
    asn_org: "GOOGLE",
  });
  assertEquals(JSON.parse(second!), { ip: "127.0.0.1", ipcascade: { scope: "loopback" } });
  assert(third!.startsWith('{8.8.8.8} geo_country="US"'));
});

/** The field of a JSON line about an address, put together apart from the product. */
function expectedField(address: string): unknown {
  const scope = classifyScope(parseAddress(address)!);
  if (scope !== "global") return { scope };
  const place = city.findText(address) ?? null;
  const origin = asn.findText(address) ?? null;
  const number = origin?.asn ?? null;
  return {
    scope,
    geo_country: place?.country_code ?? null,
    geo_city: place?.city ?? null,
    geo_latitude: place?.latitude ?? null,
    geo_longitude: place?.longitude ?? null,
    asn_number: number,
    asn_org: number === null ? null : origin?.asn_org ?? null,
  };
}

/** Lines by how they are made of an address, and what becomes of them. */
const LAYOUTS = [
  (address: string) => [`${address} x`, `${address} x${expectedPlain(address)}`],
  (address: string) => [`from ${address}, é\r`, `from ${address}, é${expectedPlain(address)}\r`],
  (address: string) => [
    `{"ip":"${address}"} `,
    `{"ip":"${address}","ipcascade":${JSON.stringify(expectedField(address))}} `,
  ],
  (address: string) => [`nothing ${address}x`, `nothing ${address}x`],
] as const;

const anyAddress = fc.oneof(
  // Two colons alone are rather a part of a program's text than an address.
  fc.constantFrom(
    ...WORLD.map(({ address }) => address),
    ...LOCAL_ADDRESSES.filter((local) => local !== "::"),
  ),
  fc.nat(0xffffffff).map((bits) => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".")),
);

Deno.test("createAnnotator() gives the same for an address each time, in whatever order and line they come", () => {
  // One that forgets what it knows, batch by batch, and one that does not.
  const engines = [openAnnotator(CITY, { maxKnown: 600 }), openAnnotator()];
  const lines = fc.array(fc.tuple(anyAddress, fc.nat(LAYOUTS.length - 1)), { maxLength: 1_200, size: "max" });
  fc.assert(
    fc.property(lines, (list) => {
      const pairs = list.map(([address, layout]) => LAYOUTS[layout]!(address));
      const expected = pairs.map(([, line]) => `${line}\n`).join("");
      for (const engine of engines) {
        const { text, inputs } = annotate(pairs.map(([line]) => `${line}\n`).join(""), engine);
        assert(text === expected, "same lines");
        assertEquals(inputs, list.length);
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("createAnnotator() reads no byte behind a chunk, wherever it stands in memory", () => {
  const engine = openAnnotator();
  const known = ' geo_country="US" geo_city=- asn_number=15169 asn_org="GOOGLE"';
  for (let behind = 0; behind < 70; behind += 3) {
    const memory = new TextEncoder().encode(`${"9".repeat(behind)}8.8.8.8\n8.8.8.8${"9".repeat(behind)}`);
    const bytes = memory.subarray(behind, memory.length - behind);
    const pieces = [...engine.process({ kind: "lines", name: "x", firstLine: 1, bytes })];
    const text = pieces.map((piece) => new TextDecoder().decode(piece.bytes)).join("");
    assertEquals(text, `8.8.8.8${known}\n8.8.8.8${known}`);
  }
});

Deno.test("createAnnotator() passes bytes through that are no text, and long lines", () => {
  const bytes = Uint8Array.from([0xff, 0, 13, 65, 10, 0xc3, 10, 49, 46, 10]);
  const pieces = [...openAnnotator().process({ kind: "lines", name: "x", firstLine: 1, bytes })];
  assertEquals(pieces.map((piece) => [...piece.bytes]).flat(), [...bytes]);
  const long = "x".repeat(5_000_000);
  const { text, inputs } = annotate(`8.8.8.8\n${long}\n8.8.8.8\n`);
  const { text: longer, inputs: two } = annotate(`8.8.8.8 ${long}${long}\n8.8.8.8`);
  assert(longer.startsWith(`8.8.8.8 ${long}${long}\n8.8.8.8 geo`), "what has no room goes out as it is");
  assertEquals(two, 2);
  assertEquals(text.replace(long, "…").split("\n").map((line) => line.length > 20), [
    true,
    false,
    true,
    false,
  ]);
  assertEquals([text.includes(long), inputs], [true, 3]);
});

Deno.test("createAnnotator() leaves lines alone whose record is damaged, and says so", () => {
  const engine = openAnnotator(damageEdition(CITY, "cyclic_pointer"));
  const addresses = WORLD.map(({ address }) => address);
  const { text, failed } = annotate(addresses.map((address) => `${address}\n`).join(""), engine);
  const bare = text.split("\n").filter((line) => parseAddress(line) !== null);
  assert(failed > 0);
  assertEquals(bare.length, failed);
});

Deno.test("createAnnotator() leaves lines alone that a damaged tree leads nowhere, and says so", () => {
  const writer = new MmdbWriter({ databaseType: "GeoLite2-City", recordSize: 24, ipVersion: 4 });
  writer.insert("1.0.0.0/8", { country: { iso_code: "DE" } });
  const bytes = writer.toBytes();
  // What begins with a set bit is led back to the root.
  bytes.fill(0, 3, 6);
  const { text, failed, hits } = annotate(
    "1.2.3.4 x\n200.1.2.3 x\n200.1.2.3 y\n1.2.3.4 y\n",
    openAnnotator(bytes),
  );
  const known = ' geo_country="DE" geo_city=- asn_number=- asn_org=-';
  assertEquals(text, `1.2.3.4 x${known}\n200.1.2.3 x\n200.1.2.3 y\n1.2.3.4 y${known}\n`);
  assertEquals([failed, hits], [2, 2]);
});

Deno.test("createAnnotator() goes on after what was delivered already", () => {
  const bytes = new TextEncoder().encode(
    Array.from({ length: 2_000 }, (_, i) => `8.8.${i >> 8}.${i & 255}\n`).join(""),
  );
  const chunk = { kind: "lines", name: "x", firstLine: 1, bytes } as const;
  const engine = openAnnotator();
  const whole = [...engine.process(chunk)].map((piece) => new TextDecoder().decode(piece.bytes)).join("");
  const rest = [...engine.process(chunk, { skip: 700 })].map((piece) => new TextDecoder().decode(piece.bytes))
    .join("");
  assertEquals(rest, whole.split("\n").slice(700).join("\n"));
});
