import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { assert, assertEquals } from "@std/assert";
import { bulkLookUp, type BulkLookUpDeps, type ChunkEngine } from "@ipcascade/operations";
import { openMmdb } from "@ipcascade/sources";
import { buildEdition, damageRecord } from "@ipcascade/testkit";
import { type InputFormat, parseInputFormat } from "../input_format.ts";
import { readItems } from "../input_items.ts";
import type { InputSource } from "../input_source.ts";
import { InputUnreadableError } from "../input_unreadable_error.ts";
import { anyLine, bulkDeps, framed, lookUpSlowly, openEditions } from "./_test_lines.ts";
import { readChunks } from "./read_chunks.ts";

const MAX_SPAN = 600;
const FORMATS = ["ndjson", "csv", "json"] as const;

/** A source that gives these pieces, each in memory of its own, and may fail after them. */
function sourceOf(pieces: readonly Uint8Array[], failure: string | null = null): InputSource {
  return {
    name: 'in "put"',
    async *open() {
      for (const piece of pieces) yield await Promise.resolve(piece.slice());
      if (failure !== null) throw new InputUnreadableError(failure);
    },
  };
}

async function lookUpFast(source: InputSource, format: InputFormat, engine: ChunkEngine): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of readChunks([{ kind: "source", source }], { format })) {
    for (const { bytes } of engine.process(chunk)) text += decoder.decode(bytes);
  }
  return text;
}

function split(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const cuts = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])];
  cuts.sort((a, b) => a - b);
  return cuts.slice(1).map((cut, i) => bytes.subarray(cuts[i], cut));
}

/** Organisations that are written in odd ways, or are too long for a fragment. */
const ODD_ORGS = ['"A", \\ & B', "Ünïcode ☃ \u{1F600}", " a,b ", "x".repeat(3_000), "é".repeat(1_500)];

function openOddAsn() {
  let count = 0;
  const bytes = buildEdition("GeoLite2-ASN", {
    change: (entry) => {
      const org = ODD_ORGS[count++ % ODD_ORGS.length]!;
      return { ...entry, asn: count % 3 === 0 ? { org } : { number: count, org } };
    },
  });
  return openMmdb(bytes);
}

/** Every edition that records are read from: both, one of them, odd ones, and both with a damaged record. */
function openVariants() {
  const { city, asn } = openEditions();
  const damaged = openMmdb(damageRecord(buildEdition("GeoLite2-City"), "bad_utf8_key"));
  return [{ city, asn }, { city, asn: null }, { city: null, asn: openOddAsn() }, { city: damaged, asn }];
}

Deno.test("bulkLookUp() gives the bytes of lookUp() and the renderer, whatever the lines and their pieces", async () => {
  const variants = openVariants().flatMap((editions) =>
    FORMATS.map((format) => {
      const deps = bulkDeps(editions, format);
      return { format, deps, engine: bulkLookUp(deps, { maxSpan: MAX_SPAN, fragmentBytes: 1 }) };
    })
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyLine, { maxLength: 60 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      fc.constantFrom("auto", "lines"),
      fc.constantFrom(...variants),
      async (lines, places, lineEnd, isEnded, from, { format, deps, engine }) => {
        const bytes = new TextEncoder().encode(lines.join(lineEnd) + (isEnded ? lineEnd : ""));
        const source = sourceOf(split(bytes, places));
        const inputFormat = parseInputFormat(from);
        const slow = await lookUpSlowly(readItems([source], { format: inputFormat }), deps, format, MAX_SPAN);
        assertEquals(framed(format, await lookUpFast(source, inputFormat, engine)), slow);
      },
    ),
    { numRuns: 300 },
  );
});

const ENCODER = new TextEncoder();

function bytesOf(...parts: readonly (string | readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => typeof part === "string" ? [...ENCODER.encode(part)] : part),
  );
}

const LONG = "1".repeat(1024 * 1024);

const ODD_INPUTS: readonly (readonly [label: string, pieces: readonly Uint8Array[], failure?: string])[] = [
  ["nothing", []],
  ["bytes that are no UTF-8", [
    bytesOf("8.8.8.8\n", [0xe2, 0x82], "\n", [0xff, 0xc3], "8.8.8.8", [0x80], "\n1.1.1.1"),
  ]],
  ["a byte order mark", [bytesOf([0xef, 0xbb, 0xbf], "8.8.8.8\n1.1.1.1\n")]],
  ["a byte order mark before a comment", [bytesOf([0xef, 0xbb, 0xbf], "# 8.8.8.8\n1.1.1.1\n")]],
  ["UTF-16, little end first", [bytesOf([0xff, 0xfe], [..."8.8.8.8\n"].map((c) => `${c}\0`).join(""))]],
  ["UTF-16, big end first", [bytesOf([0xfe, 0xff], [..."8.8.8.8\n"].map((c) => `\0${c}`).join(""))]],
  ["a line too long", [bytesOf("8.8.8.8\n"), ENCODER.encode(LONG), bytesOf("1\r\n1.1.1.1\nx\n")]],
  ["a first line too long, of two-byte characters", [
    ENCODER.encode(`a${"é".repeat(600_000)}`),
    bytesOf("\nx\n"),
  ]],
  ["a comment too long", [bytesOf("8.8.8.8\n# "), ENCODER.encode(`${LONG}\n1.1.1.1\n`)]],
  ["a last line too long", [bytesOf("8.8.8.8\n"), ENCODER.encode(`${LONG}x`)]],
  ["the longest line allowed", [bytesOf("8.8.8.8\n"), ENCODER.encode(`${LONG}\n1.1.1.1\n`)]],
  ["comments for longer than is looked ahead", [
    ENCODER.encode("# nothing\n".repeat(120_000)),
    bytesOf("8.8.8.8\nx"),
  ]],
  ["an input that breaks off", [bytesOf("8.8.8.8\n1.1.1.1")], "it broke"],
  ["an input that breaks off after its first bytes", [bytesOf("8.8.")], "it broke"],
  ["an input that can't be opened", [], "there is no such file"],
  ["gzip", [gzipSync("8.8.8.8\n1.1.1.1\nx\n")]],
  ["gzip that breaks off", [gzipSync("8.8.8.8\n".repeat(50)).subarray(0, 40)]],
  ["a Cowrie log", [
    bytesOf('{"eventid":"cowrie.session.connect","src_ip":"8.8.8.8"}\n{"eventid":"cowrie.x"}\nx\n'),
  ]],
  ["JSON lines", [
    bytesOf('# c\n{"ip":"8.8.8.8"}\n"1.1.1.1"\n{"ip":" 9.9.9.9 "}\n{"ip":"a\\nb"}\n{"ip":""}\n{}\n'),
  ]],
  ["CSV", [bytesOf("src_ip,n\n8.8.8.8,1\n10.0.0.1/31,2\n,3\n2001:4860:4860::8888,4\n")]],
];

Deno.test("bulkLookUp() gives the bytes of lookUp() for inputs that are read in odd ways", async () => {
  const deps = bulkDeps(openEditions(), "ndjson");
  const engine = bulkLookUp(deps);
  for (const [label, pieces, failure] of ODD_INPUTS) {
    for (const from of ["auto", "lines"]) {
      const format = parseInputFormat(from);
      const source = sourceOf(pieces, failure);
      const slow = await lookUpSlowly(readItems([source], { format }), deps, "ndjson");
      assert(await lookUpFast(source, format, engine) === slow, `${label}, read as ${from}`);
    }
  }
});

Deno.test("bulkLookUp() leaves out what was written before, and counts the rest, when it does a chunk again", () => {
  const deps: BulkLookUpDeps = bulkDeps(openEditions(), "ndjson");
  const engine = bulkLookUp(deps);
  const lines = "8.8.8.8\nx\n10.0.0.1\n1.1.0.0/20\n9.9.9.9\n".repeat(2) + "1.1.1.1\n".repeat(3_000);
  const chunk = { kind: "lines", name: "n", firstLine: 1, bytes: ENCODER.encode(lines) } as const;
  const decoder = new TextDecoder();
  const run = (skip: number) =>
    [...engine.process(chunk, { skip })].map(({ bytes, entries, counts }) => ({
      text: decoder.decode(bytes),
      entries,
      inputs: counts.inputs,
    }));
  const whole = run(0);
  assert(whole.length > 3, `${whole.length} pieces`);
  for (const [i, { entries }] of whole.entries()) {
    const rest = run(entries);
    const textOf = (pieces: typeof whole) => pieces.map(({ text }) => text).join("");
    assert(textOf(rest) === textOf(whole.slice(i + 1)), `after ${entries} records`);
    assertEquals(rest.reduce((sum, { inputs }) => sum + inputs, 0), whole.at(-1)!.entries - entries);
  }
});

Deno.test("bulkLookUp() ends a block early when it is told to", () => {
  const engine = bulkLookUp(bulkDeps(openEditions(), "csv"));
  const bytes = ENCODER.encode("1.1.1.1\n8.0.0.0/12\n9.9.9.9\n");
  const pieces = engine.process({ kind: "lines", name: "n", firstLine: 1, bytes }, { isStopped: () => true });
  let entries = 0;
  let next = pieces.next();
  for (; next.done !== true; next = pieces.next()) entries = next.value.entries;
  assertEquals([next.value, entries], [false, 257]);
});
