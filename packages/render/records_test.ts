import { assertEquals, assertStringIncludes } from "@std/assert";
import type { FailedRecord, OutputRecord } from "@ipcascade/core";
import fc from "fast-check";
import { createCsvRenderer, CSV_COLUMNS } from "./record_csv.ts";
import { createRecordRenderer, RECORD_FORMATS, type RecordFormat } from "./record_renderer.ts";
import { fullRecord } from "./testing_records.ts";

const BAD: FailedRecord = { input: "x", error: { code: "INVALID_ADDRESS", message: 'Cannot read "x"' } };

function renderAll(format: RecordFormat, batches: readonly (readonly OutputRecord[])[]): string {
  const renderer = createRecordRenderer(format);
  return renderer.begin() + batches.map((batch) => renderer.records(batch)).join("") + renderer.end();
}

Deno.test("createRecordRenderer() writes JSON that reads back as the records, however they are batched", () => {
  const records = [fullRecord(), BAD, fullRecord({ input: "again" })];
  for (const batches of [[records], [[records[0]!], [], records.slice(1)], [[]], []]) {
    assertEquals(JSON.parse(renderAll("json", batches)), batches.flat());
    const lines = renderAll("ndjson", batches).split("\n").filter((line) => line !== "");
    assertEquals(lines.map((line) => JSON.parse(line)), batches.flat());
  }
});

Deno.test("createCsvRenderer() round-trips any text", () => {
  fc.assert(fc.property(fc.string(), fc.string({ unit: "binary" }), (city, org) => {
    const renderer = createCsvRenderer();
    const text = renderer.begin() + renderer.records([fullRecord({ geo_city: city, asn_org: org })]);
    const [head, row] = readCsv(text);
    assertEquals(head, [...CSV_COLUMNS]);
    assertEquals([row?.[4], row?.[8]], [city, org]);
  }));
});

Deno.test("createCsvRenderer() writes bad input so that neither spreadsheet nor terminal obeys it", () => {
  const inputs = [`=cmd|' /C calc'!A0`, "@SUM(1)", " +1", "-1", "\t=1", "\x1b[31m\0x", "a,b\r\n"];
  const records = inputs.map((input) => ({ ...BAD, input }));
  const rows = readCsv(createCsvRenderer().records(records));
  assertEquals(rows.map((row) => row[0]), [
    `'=cmd|' /C calc'!A0`,
    "'@SUM(1)",
    "' +1",
    "'-1",
    "·=1",
    "·[31m·x",
    "a,b··",
  ]);
  assertEquals(
    rows.map((row) => [row.length, row.at(-1)]),
    rows.map(() => [CSV_COLUMNS.length, 'Cannot read "x"']),
  );
});

Deno.test("createRecordRenderer() writes a table that shows who it is and who said so", () => {
  const text = renderAll("table", [[
    fullRecord(),
    BAD,
    fullRecord({ scope: "private", ip_address: "10.0.0.1" }),
  ]]);
  const [head, google, bad, local] = text.split("\n");
  assertStringIncludes(head!, "ADDRESS");
  for (const part of ["8.8.8.8", "US", "AS15169", "riot Google Public DNS", "greynoise, cymru"]) {
    assertStringIncludes(google!, part);
  }
  assertEquals(bad, 'Cannot read "x"');
  assertStringIncludes(local!, "private");
});

Deno.test("createRecordRenderer() lets no provider's text steer the terminal", () => {
  const hostile = "\x1b[31mEVIL\x1b]0;title\x07\r\n\u202Edrawkcab\u200B";
  const text = renderAll("table", [[fullRecord({ asn_org: hostile, geo_city: hostile })]]);
  assertEquals(/[\p{Cc}\p{Cf}]/u.test(text.replaceAll("\n", "")), false);
  assertEquals(text.trimEnd().split("\n").length, 2);
});

Deno.test("createRecordRenderer() writes something sensible for no records in every format", () => {
  const expected = { table: "", json: "[]\n", ndjson: "", csv: `${CSV_COLUMNS.join(",")}\r\n` };
  for (const format of RECORD_FORMATS) assertEquals(renderAll(format, []), expected[format], format);
});

/** A reader of RFC 4180, written apart from the writer. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[i + 1] === '"') cell += text[i++]!;
      else isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === ",") {
      rows.at(-1)!.push(cell);
      cell = "";
    } else if (character === "\r" && text[i + 1] === "\n") {
      rows.at(-1)!.push(cell);
      cell = "";
      rows.push([]);
      i++;
    } else cell += character;
  }
  return rows.slice(0, -1);
}
