import { assertStrictEquals } from "@std/assert";
import { formatInstant } from "./clock.ts";

Deno.test("formatInstant() writes RFC 3339 in UTC with milliseconds", () => {
  assertStrictEquals(formatInstant(0), "1970-01-01T00:00:00.000Z");
  assertStrictEquals(formatInstant(Date.UTC(2026, 1, 3, 4, 5, 6, 7)), "2026-02-03T04:05:06.007Z");
  assertStrictEquals(formatInstant(null), null);
});
