import { assert, assertEquals } from "@std/assert";
import { readCowrieLine } from "@ipcascade/core";
import { writeCowrieLog } from "@ipcascade/testkit";
import fc from "fast-check";
import { BlockSplitter } from "./block_splitter.ts";
import { CowrieLogReader } from "./cowrie_log_reader.ts";
import { LineSplitter, MAX_LINE_BYTES } from "./line_splitter.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** What a log says, line by line: an event, or what is wrong. */
type Said = readonly (readonly [line: number, said: unknown])[];

/** Reads a log by way of the texts of its lines. */
function readTexts(pieces: readonly Uint8Array[]): Said {
  const splitter = new LineSplitter();
  const parts = [...pieces.map((piece) => splitter.push(piece)), splitter.end()];
  return parts.flatMap(({ firstLine, lines }) =>
    lines.flatMap((text, index) => {
      if (text.trim() === "") return [];
      const read = readCowrieLine(text);
      const said = "problem" in read ? { text, problem: read.problem } : read;
      return [[firstLine + index, said] as const];
    })
  );
}

/** Reads it from its bytes; `said` of an event has its number only when the reader was asked to refuse it. */
function readBytes(pieces: readonly Uint8Array[]): Said {
  const splitter = new BlockSplitter();
  const reader = new CowrieLogReader();
  const said: [number, unknown][] = [];
  let event: unknown = null;
  const sink: Parameters<CowrieLogReader["read"]>[1] = {
    // Refusing tells the number of the event's line.
    take: (taken) => {
      event = taken;
      return "taken";
    },
    refuse: ({ text, number, problem }) =>
      said.push([number, problem === "taken" ? event : { text, problem }]),
  };
  let isFirst = true;
  const read = (blocks: Iterable<Uint8Array>) => {
    for (const bytes of blocks) {
      reader.read({ name: "log", isFirst, bytes }, sink);
      isFirst = false;
    }
  };
  for (const piece of pieces) {
    const reused = piece.slice();
    read(splitter.push(reused));
    // A reader may fill its memory again.
    reused.fill(0x58);
  }
  read(splitter.end());
  return said;
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

function assertSame(pieces: readonly Uint8Array[], label?: string): Said {
  const said = readBytes(pieces);
  assert(JSON.stringify(said) === JSON.stringify(readTexts(pieces)), label ?? "what was read differs");
  return said;
}

Deno.test("CowrieLogReader reads every spelling, with noise, as its texts are read", () => {
  for (const spelling of ["old", "new", "mixed"] as const) {
    const lines = [...writeCowrieLog({ seed: 4, sessions: 60, spelling, withNoise: true })];
    for (const size of [1 << 20, 4_001]) {
      const said = assertSame(cut(encode(lines.join("")), size), spelling);
      assert(said.length > 200 && said.length < lines.length, "events, and blank lines");
    }
  }
});

const EVENT =
  '{"eventid":"cowrie.login.failed","session":"ab12","timestamp":"2026-11-20T12:34:56.789012Z","m":""}';
const UNIT = fc.oneof(
  fc.constantFrom(
    EVENT,
    EVENT,
    `${EVENT}\n`,
    `${EVENT}\n`,
    EVENT.slice(0, 40),
    EVENT.slice(40),
    "\n",
    "\r\n",
  ),
  fc.constantFrom("\r", " ", "\uFEFF", "é", "😀", "null", "\\", '"', "\u00a0", "\0"),
).map(encode);
const PIECES = fc.array(fc.oneof({ weight: 9, arbitrary: UNIT }, fc.uint8Array({ maxLength: 3 })), {
  maxLength: 12,
});

Deno.test("CowrieLogReader reads the same lines, whatever the bytes and their pieces", () => {
  fc.assert(
    fc.property(PIECES, fc.integer({ min: 1, max: 150 }), (units, size) => {
      assertSame(cut(new Uint8Array(units.flatMap((unit) => [...unit])), size));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("CowrieLogReader takes a byte order mark from the first line of each log", () => {
  for (const size of [1, 4, 200]) assertSame(cut(encode(`\uFEFF\n${EVENT}\n`), size), "alone in its line");
  const event = encode(`\uFEFF${EVENT}\n`);
  assertEquals(assertSame([event, event]).map(([, said]) => "problem" in (said as object)), [false, true]);
  const reader = new CowrieLogReader();
  const numbers: number[] = [];
  const sink = {
    take: () => "no",
    refuse: ({ number }: { readonly number: number }) => numbers.push(number),
  };
  for (const isFirst of [true, false, true]) reader.read({ name: "log", isFirst, bytes: event }, sink);
  assertEquals(numbers, [1, 2, 1]);
});

Deno.test("BlockSplitter shows the beginning of a line that is too long, and goes on behind it", () => {
  const room = MAX_LINE_BYTES - EVENT.length;
  const longest = EVENT.replace('"m":""', `"m":"${"x".repeat(room)}"`);
  const text = [EVENT, longest, longest.replace("x", "xx"), "é".repeat(MAX_LINE_BYTES), EVENT].join("\n");
  for (const size of [1_000, 300_000, 4 * MAX_LINE_BYTES]) {
    const said = assertSame(cut(encode(text), size), String(size));
    assertEquals(said.map(([line, one]) => [line, "problem" in (one as object)]), [
      ...[[1, false], [2, false], [3, true], [4, true], [5, false]],
    ]);
  }
});

Deno.test("CowrieLogReader says of a line that is too long how long it may be", () => {
  const long = EVENT.replace('"m":""', `"m":"${"x".repeat(MAX_LINE_BYTES)}"`);
  const splitter = new BlockSplitter();
  const reader = new CowrieLogReader();
  const said: unknown[] = [];
  const sink: Parameters<CowrieLogReader["read"]>[1] = {
    take: () => (said.push("event"), null),
    refuse: ({ number, problem }) => said.push([number, problem]),
  };
  for (const bytes of splitter.push(encode(`${EVENT}\n${long}\n${EVENT}\n`))) {
    reader.read({ name: "log", isFirst: said.length === 0, bytes, isCut: splitter.isCut }, sink);
  }
  assertEquals(said, ["event", [2, "a line of more than 1048576 bytes is skipped"], "event"]);
});
