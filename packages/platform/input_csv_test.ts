import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "@ipcascade/core";
import fc from "fast-check";
import { CsvReader } from "./input_csv.ts";
import { detectSeparator } from "./input_csv_record.ts";
import type { InputItem } from "./input_item.ts";
import { MAX_LINE_BYTES } from "@ipcascade/operations";

/** Reads a text, each chunk of `step` lines. */
function read(text: string, column: string, step = 1000): readonly InputItem[] {
  const reader = new CsvReader("x.csv", column);
  const lines = text.split("\n");
  const items: InputItem[] = [];
  for (let i = 0; i < lines.length; i += step) {
    items.push(
      ...reader.read({ name: "x.csv", firstLine: i + 1, lines: lines.slice(i, i + step), tooLong: [] }),
    );
  }
  return [...items, ...reader.end()];
}

function texts(items: readonly InputItem[]): readonly string[] {
  return items.map(({ text, problem }) => problem === undefined ? text : `! ${problem}`);
}

Deno.test("CsvReader reads a column by name or number", () => {
  const csv = "time,src_ip,note\n1, 8.8.8.8 ,x\n\n2,1.1.1.1,y";
  for (const column of ["src_ip", "SRC_IP", "2"]) {
    assertEquals(texts(read(csv, column)), ["8.8.8.8", "1.1.1.1"]);
  }
  assertEquals(read(csv, "2").map(({ origin }) => origin), [
    { name: "x.csv", line: 2 },
    { name: "x.csv", line: 4 },
  ]);
});

Deno.test("CsvReader takes a first row with an address in a numbered column for data", () => {
  assertEquals(texts(read("8.8.8.8,x\n1.1.1.1,y", "1")), ["8.8.8.8", "1.1.1.1"]);
  assertEquals(texts(read("x,192.0.2.0/24\ny,1.1.1.1", "2")), ["192.0.2.0/24", "1.1.1.1"]);
});

Deno.test("CsvReader finds semicolons and tabs", () => {
  assertEquals(texts(read('"a,b";ip\n"x;y";8.8.8.8', "ip")), ["8.8.8.8"]);
  assertEquals(texts(read("a\tip\nx, y; z\t8.8.8.8", "ip")), ["8.8.8.8"]);
  assertEquals(detectSeparator("ip"), ",");
  assertEquals(detectSeparator('"a;b;c",ip'), ",");
});

Deno.test("CsvReader reads quoted newlines, separators and quotes", () => {
  const csv = 'note,ip\n"line 1\nline 2, with ""quotes""\n",8.8.8.8\nplain,"1.1.1.1"\n"",9.9.9.9';
  for (const step of [1, 2, 100]) {
    const items = read(csv, "ip", step);
    assertEquals(texts(items), ["8.8.8.8", "1.1.1.1", "9.9.9.9"]);
    assertEquals(items.map(({ origin }) => origin?.line), [2, 5, 6]);
  }
});

Deno.test("CsvReader tells bad rows and reads on", () => {
  const csv = 'a,ip\nx,8.8.8.8\nshort\ny,\n"q"x,1.1.1.1\nz,9.9.9.9';
  assertEquals(texts(read(csv, "ip")), [
    "8.8.8.8",
    '! Cannot read column "ip": the row has 1 columns',
    '! Cannot read column "ip": it is empty',
    '! Cannot read "\\"q\\"x,1.1.1.1" as CSV: text follows a closing quote, allowed is the separator',
    "9.9.9.9",
  ]);
});

Deno.test("CsvReader gives up a quote that is never closed and reads the lines after it", () => {
  const csv = 'a,ip\n"open,8.8.8.8\nx,1.1.1.1\ny,9.9.9.9';
  for (const step of [1, 100]) {
    assertEquals(texts(read(csv, "ip", step)), [
      '! Cannot read "\\"open,8.8.8.8" as CSV: a quote is never closed',
      "1.1.1.1",
      "9.9.9.9",
    ]);
  }
});

Deno.test("CsvReader bounds what an open quote may hold", () => {
  const rows = Math.ceil(MAX_LINE_BYTES / 10) + 5;
  const csv = `a,ip\n"open,8.8.8.8\n${"x,1.1.1.1\n".repeat(rows)}y,9.9.9.9`;
  const items = read(csv, "ip");
  assertEquals(items.filter(({ problem }) => problem !== undefined).map(({ origin }) => origin?.line), [2]);
  assertEquals(items.length, rows + 2);
});

Deno.test("CsvReader names the columns when the header lacks the one asked for", () => {
  const error = assertThrows(() => read("time,src_ip\n1,8.8.8.8", "ip"), UsageError);
  assertEquals(
    error.message,
    'Cannot find column "ip" in "x.csv": allowed are "time", "src_ip", or a number from 1 to 2',
  );
});

Deno.test("CsvReader reads back any cells that RFC 4180 can write", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", ";", "\n", " ", "é", "1"), maxLength: 8 });
  const row = fc.tuple(cell, cell);
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 5 }),
      (rows, step) => {
        const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const csv = ["x,value,y", ...rows.map(([x, value]) => `${quote(x)},${quote(value)},`)].join("\n");
        const found = read(csv, "value", step).map(({ text, problem }) => problem === undefined ? text : "");
        assertEquals(found, rows.map(([, value]) => value.trim()));
      },
    ),
  );
});

Deno.test("CsvReader tells every row of whatever it is given", () => {
  const line = fc.string({ unit: fc.constantFrom("a", '"', ",", " ", "1.1.1.1"), maxLength: 10 });
  fc.assert(fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
    const items = read(["a,ip", ...lines].join("\n"), "ip");
    assert(items.every(({ origin }) => origin !== null && origin.line >= 2));
    const filled = lines.filter((line) => line.trim() !== "").length;
    assert(items.length <= filled && (filled === 0 || items.length > 0));
  }));
});
