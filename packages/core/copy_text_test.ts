import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { BackupDamagedError } from "./backup_errors.ts";
import { CopyTextChecker, readCopyField } from "./copy_text.ts";

const COLUMNS = [{ name: "name", type: "text" }, { name: "count", type: "bigint" }];

function openChecker(columns = COLUMNS): CopyTextChecker {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return new CopyTextChecker({ table: "things", columns }, (bytes) => decoder.decode(bytes));
}

function check(rows: string | Uint8Array, columns = COLUMNS): number {
  const checker = openChecker(columns);
  checker.update(typeof rows === "string" ? new TextEncoder().encode(rows) : rows);
  checker.finish();
  return checker.rows;
}

/** As COPY writes it. */
function writeField(value: string | null): string {
  if (value === null) return "\\N";
  const letters: Record<string, string> = {
    "\b": "b",
    "\f": "f",
    "\n": "n",
    "\r": "r",
    "\t": "t",
    "\v": "v",
  };
  return value.replace(/[\b\f\n\r\t\v\\]/g, (letter) => `\\${letters[letter] ?? letter}`);
}

Deno.test("readCopyField() gives back what was written", () => {
  const anything = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."\\\b\f\n\r\t\vnN") }),
  );
  fc.assert(
    fc.property(fc.option(anything), (value) => assertEquals(readCopyField(writeField(value)), value)),
  );
});

Deno.test("readCopyField() refuses backslashes that stand for nothing", () => {
  for (const field of ["\\", "a\\", "\\.", "\\a", "\\x41", "\\101", "\\NN", "a\\N", "\\\\\\"]) {
    assertEquals(readCopyField(field), undefined, field);
  }
});

Deno.test("CopyTextChecker takes rows wherever its pieces end", () => {
  const value = fc.option(fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", "")));
  const row = fc.tuple(value, fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })));
  const cuts = fc.array(fc.nat({ max: 30 }));
  fc.assert(fc.property(fc.array(row), cuts, (rows, sizes) => {
    const text = rows.map(([name, count]) =>
      `${writeField(name)}\t${writeField(count === null ? null : String(count))}\n`
    );
    const bytes = new TextEncoder().encode(text.join(""));
    const checker = openChecker();
    let start = 0;
    for (const size of sizes) {
      const piece = bytes.slice(start, start + size);
      checker.update(piece);
      // Whoever gives a piece may use its memory again.
      piece.fill(0);
      start = Math.min(bytes.length, start + size);
    }
    checker.update(bytes.slice(start));
    checker.finish();
    assertEquals(checker.rows, rows.length);
  }));
});

Deno.test("CopyTextChecker names table, row and column of what it can't read", () => {
  const bytes = (...list: number[]) => Uint8Array.from(list);
  const cases: readonly [string, string | Uint8Array, string][] = [
    ["no number", "a\t1\nb\tx\n", 'row 2 of things: column "count" holds no bigint'],
    ["too large a number", "a\t9223372036854775808\n", 'row 1 of things: column "count" holds no bigint'],
    ["a field too few", "a\t1\nb\n", "row 2 of things: it has 1 fields instead of 2"],
    ["a field too many", "a\t1\t2\n", "row 1 of things: it has 3 fields instead of 2"],
    ["an empty row", "a\t1\n\n", "row 2 of things: it has 1 fields"],
    ["a cut row", "a\t1\nb\t2", "row 2 of things: it is cut"],
    ["the end of COPY", "a\t1\n\\.\n", "row 2 of things: it has 1 fields"],
    ["an odd backslash", "a\\\t1\n", 'row 1 of things: column "name" has a backslash'],
    ["a NUL", "a\t1\nb\0\t2\n", "row 2 of things: it has a control character"],
    ["a carriage return", "a\t1\r\n", "row 1 of things: it has a control character"],
    ["no UTF-8", bytes(97, 9, 49, 10, 0xff, 9, 49, 10), "row 2 of things: it is no UTF-8"],
    ["a surrogate", bytes(0xed, 0xa0, 0x80, 9, 49, 10), "row 1 of things: it is no UTF-8"],
    [
      "a bad row before text that is none",
      bytes(97, 10, 0xff, 9, 49, 10),
      "row 1 of things: it has 1 fields",
    ],
  ];
  for (const [name, rows, message] of cases) {
    const error = assertThrows(() => check(rows), BackupDamagedError, message, name);
    assertEquals(error.member, "things");
  }
});

Deno.test("CopyTextChecker counts rows over all pieces in its messages", () => {
  const checker = openChecker();
  for (let row = 1; row < 1000; row++) checker.update(new TextEncoder().encode(`n${row}\t${row}\n`));
  assertThrows(() => checker.update(new TextEncoder().encode("bad\n")), BackupDamagedError, "row 1000 of");
});

Deno.test("CopyTextChecker checks a value that follows an equal one no less", () => {
  assertEquals(check("a\t1\na\t1\n\\N\t\\N\na\t1\n"), 4);
  assertThrows(() => check("a\t1\nb\ta\n"), BackupDamagedError, "row 2");
});

Deno.test("CopyTextChecker takes a mark of byte order for text", () => {
  const columns = [{ name: "name", type: "text" }];
  assertEquals(check("\ufeffa\n", columns), 1);
  assert(check("", columns) === 0);
});
