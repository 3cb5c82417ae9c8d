import { assertEquals } from "@std/assert";
import { FieldReader } from "./_field_reader.ts";

Deno.test("FieldReader reads fields to the end, null for an empty one", () => {
  const fields = new FieldReader('a\t\t"b"\t\t1\t\t2\t\tlast');
  assertEquals([fields.nextWord(), fields.nextWord()], ["a", null]);
  assertEquals([fields.nextText(), fields.nextText()], ["b", null]);
  assertEquals([fields.nextNumber(), fields.nextNumber()], [1, null]);
  assertEquals([fields.nextInstant(), fields.nextInstant()], [2, null]);
  assertEquals([fields.isOver, fields.next(), fields.isOver], [false, "last", true]);
});

Deno.test("FieldReader.nextText() unescapes JSON and tells an empty text from null", () => {
  const fields = new FieldReader('""\t"tab\\t quote \\" slash \\\\"\t');
  assertEquals([fields.nextText(), fields.nextText()], ["", 'tab\t quote " slash \\']);
});

Deno.test("FieldReader.nextNumber() reads what PostgreSQL writes of numbers", () => {
  const numbers = [
    "0",
    "4294967295",
    "999999999999999",
    "9007199254740993",
    "9223372036854775807",
    "-77.0364",
    "0.1",
    "1e-07",
    "1.5e+22",
    "1795579711202.123",
  ];
  const fields = new FieldReader(`${numbers.join("\t")}\t`);
  for (const number of numbers) assertEquals(fields.nextNumber(), Number(number), number);
  assertEquals(new FieldReader("12").nextNumber(), 12, "at the end");
});

Deno.test("FieldReader.nextInstant() rounds to milliseconds, before 1970 too", () => {
  const fields = new FieldReader("1795579711202.123\t1795579711201.9998\t-1000.4\t");
  assertEquals([fields.nextInstant(), fields.nextInstant(), fields.nextInstant()], [
    1_795_579_711_202,
    1_795_579_711_202,
    -1_000,
  ]);
});
