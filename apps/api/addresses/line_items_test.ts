import { assertEquals } from "@std/assert";
import { readAll } from "./_test_body.ts";
import { MAX_ELEMENT_SIZE } from "./element.ts";
import { createNdjsonReader, createTextReader } from "./line_items.ts";

Deno.test("createNdjsonReader() reads strings and objects, and keeps garbage in its place", () => {
  const body = '"8.8.8.8"\n\n{"ip": "1.1.1.1", "n": 1}\r\n8.8.4.4\n{"address": "1.1.1.1"}\n[1]\n"9.9.9.9"';
  const expected = [
    "1 8.8.8.8",
    "3 1.1.1.1",
    "4 ! 8.8.4.4",
    '5 ! {"address": "1.1.1.1"}',
    "6 ! [1]",
    "7 9.9.9.9",
  ];
  for (const size of [1, 5, 1_000]) assertEquals(readAll(createNdjsonReader(), body, size), expected);
});

Deno.test("createTextReader() reads an address a line", () => {
  const body = "8.8.8.8\n\n# a comment\n 192.0.2.0/30 \r\nnonsense";
  assertEquals(readAll(createTextReader(), body, 4), ["1 8.8.8.8", "4 192.0.2.0/30", "5 nonsense"]);
});

Deno.test("createNdjsonReader() skips a line that is too long and goes on", () => {
  const body = `"${"1".repeat(MAX_ELEMENT_SIZE)}"\n"8.8.8.8"\n`;
  const [long, next] = readAll(createNdjsonReader(), body, 10_000);
  assertEquals([long?.slice(0, 8), next], ['1 ! "111', "2 8.8.8.8"]);
});
