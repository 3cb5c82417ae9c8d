import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "@ipcascade/core";
import fc from "fast-check";
import { readAll } from "./_test_body.ts";
import { ArrayReader } from "./array_items.ts";
import { MAX_ELEMENT_SIZE } from "./element.ts";

const CASES: readonly [name: string, body: string, expected: readonly string[]][] = [
  ["an empty array", " [ ] \n", []],
  ["strings and objects", '["8.8.8.8",{"ip":"1.1.1.1","x":[1,{"y":"],"}]}]', ["1 8.8.8.8", "1 1.1.1.1"]],
  ["any white space", '\n[\n\t"8.8.8.8" ,\r\n\n {\n"ip" : "1.1.1.1" } ]', ["3 8.8.8.8", "5 1.1.1.1"]],
  ["escapes", String.raw`["\"],[\\", "\u0038.8.8.8"]`, [String.raw`1 "],[\ `.trimEnd(), "1 8.8.8.8"]],
  ["garbage in its place", '[1 2, "8.8.8.8", [["a"]], {"ip": 5}, null]', [
    "1 ! 1 2",
    "1 8.8.8.8",
    '1 ! [["a"]]',
    '1 ! {"ip": 5}',
    "1 ! null",
  ]],
  ["nothing between commas", '["8.8.8.8",,"1.1.1.1",]', ["1 8.8.8.8", "1 ! ", "1 1.1.1.1", "1 ! "]],
  ["mixed brackets", '[{"ip": "1.1.1.1"], "8.8.8.8"]', ['1 ! {"ip": "1.1.1.1"]', "1 8.8.8.8"]],
  ["what is not Latin", '["ü.8.8.8€"]', ["1 ü.8.8.8€"]],
];

Deno.test("ArrayReader finds each element in its place, however the bytes are cut", () => {
  for (const [name, body, expected] of CASES) {
    for (const size of [1, 2, 3, 7, 1_000]) {
      assertEquals(readAll(new ArrayReader(), body, size), [...expected], `${name} by ${size}`);
    }
  }
});

Deno.test("ArrayReader skips an element that is too long and goes on", () => {
  const body = `["${"x".repeat(MAX_ELEMENT_SIZE)}", "8.8.8.8"]`;
  for (const size of [1_000, 70_000, 1_000_000]) {
    const [long, next] = readAll(new ArrayReader(), body, size);
    assertEquals([long?.slice(0, 8), next], ['1 ! "xxx', "1 8.8.8.8"]);
  }
});

Deno.test("ArrayReader throws for what is no array, or no whole one", () => {
  for (
    const body of ["", '"8.8.8.8"', '{"ip":"8.8.8.8"}', '["8.8.8.8"', '["8.8.8.8', '["8.8.8.8"] "1.1.1.1"']
  ) {
    assertThrows(() => readAll(new ArrayReader(), body, 3), UsageError);
  }
});

Deno.test("ArrayReader reads any array as JSON.parse does", () => {
  const element = fc.oneof(fc.jsonValue(), fc.string().map((ip) => ({ ip })), fc.string());
  fc.assert(
    fc.property(fc.array(element), fc.integer({ min: 1, max: 20 }), fc.boolean(), (values, size, isWide) => {
      const body = JSON.stringify(values, null, isWide ? 2 : undefined);
      const read = readAll(new ArrayReader(), body, size);
      assertEquals(read.length, values.length);
      for (const [i, value] of values.entries()) {
        if (typeof value === "string") assertEquals(read[i]!.replace(/^\d+ /, ""), value.trim());
      }
    }),
    { numRuns: 300 },
  );
});
