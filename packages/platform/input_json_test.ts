import { assertEquals, assertStringIncludes } from "@std/assert";
import type { InputItem, ItemReader } from "./input_item.ts";
import { createCowrieReader, createNdjsonReader } from "./input_json.ts";

function read(
  reader: ItemReader,
  lines: readonly string[],
  tooLong: readonly number[] = [],
): readonly InputItem[] {
  return [...reader.read({ name: "log", firstLine: 1, lines, tooLong }), ...reader.end()];
}

Deno.test("createNdjsonReader() reads a field, a dotted path and a plain string", () => {
  const lines = [
    '{"ip": " 8.8.8.8 "}',
    "",
    '"1.1.1.1"',
    '{"client": {"ip": "9.9.9.9"}}',
    '{"client.ip": "4.4.4.4", "client": {"ip": "5.5.5.5"}}',
  ];
  const items = read(createNdjsonReader(["ip", "client.ip"]), lines);
  assertEquals(items.map(({ text }) => text), ["8.8.8.8", "1.1.1.1", "9.9.9.9", "4.4.4.4"]);
  assertEquals(items.map(({ origin }) => origin?.line), [1, 3, 4, 5]);
});

Deno.test("createNdjsonReader() tells what it can't use and reads on", () => {
  const lines = [
    "nonsense",
    "[1]",
    '{"ip": 7}',
    '{"other": "x"}',
    '{"ip": null}',
    '{"ip": "8.8.8.8"}',
    '{"cut…',
  ];
  const items = read(createNdjsonReader(["ip"]), lines, [6]);
  assertEquals(items.map(({ problem }) => problem ?? null), [
    'Cannot read "nonsense" as NDJSON: allowed are an object with "ip", and a string',
    'Cannot read "[1]" as NDJSON: allowed are an object with "ip", and a string',
    'Cannot read "ip" of "{\\"ip\\": 7}": it is no string',
    'Cannot find an address in "{\\"other\\": \\"x\\"}": allowed are an object with "ip", and a string',
    'Cannot find an address in "{\\"ip\\": null}": allowed are an object with "ip", and a string',
    null,
    "Cannot read a line of more than 1048576 bytes: it is skipped",
  ]);
});

Deno.test("createNdjsonReader() finds only what the object itself has", () => {
  const [item] = read(createNdjsonReader(["constructor"]), ["{}"]);
  assertStringIncludes(item?.problem ?? "", "Cannot find an address");
});

Deno.test("createCowrieReader() reads the source of each connection", () => {
  const lines = [
    '{"eventid":"cowrie.session.connect","src_ip":"203.0.113.9","session":"a"}',
    '{"src_ip":"203.0.113.8","eventid":"cowrie.login.failed"}',
    '{"src_ip":"203.0.113.7", "eventid" : "cowrie.session.connect"}',
    '{"eventid":"cowrie.command.input","src_ip":"203.0.113.6","input":"cowrie.session.connect"}',
    '{"eventid":"cowrie.session.connect"}',
    '{"eventid":"cowrie.session.conn',
    "",
  ];
  const items = read(createCowrieReader(), lines);
  assertEquals(items.map(({ text, problem, origin }) => [origin?.line, problem === undefined ? text : "!"]), [
    [1, "203.0.113.9"],
    [3, "203.0.113.7"],
    [5, "!"],
    [6, "!"],
  ]);
  assertStringIncludes(items[2]?.problem ?? "", 'it has no "src_ip"');
  assertStringIncludes(items[3]?.problem ?? "", "it is not a JSON object");
});
