import { EditionDeliveryError } from "@ipcascade/core";
import { assertEquals, assertThrows } from "@std/assert";
import { prepareRefusals } from "./delivery.ts";
import { readMaxmindMetadata } from "./maxmind_metadata.ts";

const REFUSE = prepareRefusals("find a release of", "E");
const ROW = { date: "2026-11-20", edition_id: "E", md5: "0123456789ABCDEF0123456789abcdef" };

Deno.test("readMaxmindMetadata() reads the one row", () => {
  const text = JSON.stringify({ databases: [{ ...ROW, more: 1 }], more: 2 });
  assertEquals(readMaxmindMetadata(text, "E", REFUSE), { date: ROW.date, md5: ROW.md5.toLowerCase() });
});

for (
  const [label, value, failure] of [
    ["no rows", { databases: [] }, "not_found"],
    ["two rows", { databases: [ROW, ROW] }, "protocol"],
    ["another edition", { databases: [{ ...ROW, edition_id: "F" }] }, "protocol"],
    ["no date", { databases: [{ ...ROW, date: "20261120" }] }, "protocol"],
    ["no MD5", { databases: [{ ...ROW, md5: null }] }, "protocol"],
    ["a short MD5", { databases: [{ ...ROW, md5: "01" }] }, "protocol"],
    ["a row that is none", { databases: [null] }, "protocol"],
    ["rows that are none", { databases: ROW }, "protocol"],
    ["an array", [ROW], "protocol"],
    ["null", null, "protocol"],
    ["text", undefined, "protocol"],
  ] as const
) {
  Deno.test(`readMaxmindMetadata() says ${failure} of ${label}`, () => {
    const text = value === undefined ? "<html>" : JSON.stringify(value);
    const error = assertThrows(() => readMaxmindMetadata(text, "E", REFUSE), EditionDeliveryError);
    assertEquals((error as EditionDeliveryError).failure, failure);
  });
}
