import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createLineSplitter } from "./line_splitter.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("push() gives a line once its line feed came", () => {
  const splitter = createLineSplitter(100);
  assertEquals(splitter.push(encode("on"))?.map(decode), []);
  assertEquals(splitter.push(encode("e\ntwo\n\nthr"))?.map(decode), ["one", "two", ""]);
  assertEquals(splitter.push(encode("ee\n"))?.map(decode), ["three"]);
});

Deno.test("push() gives up on a line that is longer than allowed, finished or not", () => {
  assertEquals(createLineSplitter(3).push(encode("abc\nabc\n"))?.map(decode), ["abc", "abc"]);
  assertEquals(createLineSplitter(3).push(encode("abcd\n")), null);
  assertEquals(createLineSplitter(3).push(encode("abcd")), null);
  const splitter = createLineSplitter(3);
  assertEquals(splitter.push(encode("ab")), []);
  assertEquals(splitter.push(encode("cd")), null);
});

Deno.test("push() gives the same lines however the bytes are cut", () => {
  fc.assert(fc.property(
    fc.array(fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", ""))),
    fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    (lines, sizes) => {
      const bytes = encode(lines.map((line) => `${line}\n`).join(""));
      const splitter = createLineSplitter(10_000);
      const got: string[] = [];
      for (let start = 0, turn = 0; start < bytes.length; turn++) {
        const end = start + sizes[turn % sizes.length]!;
        got.push(...splitter.push(bytes.subarray(start, end))!.map(decode));
        start = end;
      }
      assertEquals(got, lines.map((line) => decode(encode(line))));
    },
  ));
});
