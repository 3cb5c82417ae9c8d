import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { LineSplitter, MAX_LINE_BYTES } from "./line_splitter.ts";

const encode = (text: string) => new TextEncoder().encode(text);

interface Split {
  readonly lines: readonly string[];
  readonly tooLong: readonly number[];
}

/** Pushes bytes in pieces and checks that the numbers of the lines follow each other. */
function split(pieces: Iterable<Uint8Array>): Split {
  const splitter = new LineSplitter();
  const lines: string[] = [];
  const tooLong: number[] = [];
  const take = (part: ReturnType<LineSplitter["push"]>) => {
    assertEquals(part.firstLine, lines.length + 1);
    tooLong.push(...part.tooLong.map((index) => part.firstLine + index));
    lines.push(...part.lines);
  };
  for (const piece of pieces) {
    const reused = piece.slice();
    take(splitter.push(reused));
    // A reader may fill its memory again.
    reused.fill(0x58);
  }
  take(splitter.end());
  return { lines, tooLong };
}

Deno.test("LineSplitter ends lines at LF and CRLF, and keeps the last one", () => {
  const cases: readonly [string, readonly string[]][] = [
    ["", []],
    ["a", ["a"]],
    ["a\n", ["a"]],
    ["a\n\nb", ["a", "", "b"]],
    ["a\r\nb\r\n", ["a", "b"]],
    ["a\rb\n", ["a\rb"]],
    ["\n", [""]],
    ["\uFEFFa\n\uFEFFb", ["a", "\uFEFFb"]],
    ["\r", [""]],
  ];
  for (const [text, lines] of cases) assertEquals(split([encode(text)]).lines, lines, JSON.stringify(text));
});

Deno.test("LineSplitter takes U+FFFD for what is not UTF-8", () => {
  const bytes = new Uint8Array([0x41, 0xff, 0x0a, 0xc3, 0x0a, 0x42]);
  assertEquals(split([bytes]).lines, ["A\uFFFD", "\uFFFD", "B"]);
});

Deno.test("LineSplitter delivers the same lines whatever the pieces", () => {
  const unit = fc.constantFrom("a", "1.2.3.4", "\n", "\r\n", "\r", "é", "漢", "😀", "\uFEFF", " ");
  const text = fc.array(unit, { maxLength: 60 }).map((units) => units.join(""));
  fc.assert(fc.property(text, fc.array(fc.nat(200), { maxLength: 12 }), (text, cuts) => {
    const bytes = encode(text);
    const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
    const pieces = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
    const expected = text.replace(/^\uFEFF/, "").split("\n");
    if (expected.at(-1) === "" && !(text === "\uFEFF")) expected.pop();
    assertEquals(split(pieces).lines, expected.map((line) => line.replace(/\r$/, "")));
  }));
});

Deno.test("LineSplitter skips a line beyond the limit and tells its number", () => {
  const long = "é".repeat(MAX_LINE_BYTES / 2 + 1);
  const exact = "x".repeat(MAX_LINE_BYTES);
  const bytes = encode(`first\n${long}\n${exact}\nlast`);
  for (const size of [1000, 65_536, 300_000, bytes.length]) {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    const { lines, tooLong } = split(pieces);
    assertEquals(tooLong, [2], String(size));
    assertEquals([lines[0], lines[2] === exact, lines[3]], ["first", true, "last"], String(size));
    assert(/^é+…$/.test(lines[1]!) && lines[1]!.length < 100, String(size));
  }
});

Deno.test("LineSplitter holds no more than one line of an endless one", () => {
  const splitter = new LineSplitter();
  const piece = new Uint8Array(1024 * 1024).fill(0x61);
  for (let i = 0; i < 50; i++) assertEquals(splitter.push(piece).lines, []);
  assertEquals(splitter.push(encode("\nb\n")).lines.slice(1), ["b"]);
});
