import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "./errors.ts";
import { dayOf, monthBefore, monthOf, parseMonth } from "./month.ts";

Deno.test("monthOf() is the month in UTC, to the millisecond", () => {
  const october = monthOf(Date.UTC(2026, 9, 31, 23, 59, 59, 999));
  assertEquals(october, {
    name: "2026-10",
    startsAt: Date.UTC(2026, 9, 1),
    endsAt: Date.UTC(2026, 10, 1),
  });
  assertEquals(monthOf(october.endsAt).name, "2026-11");
  assertEquals(monthBefore(monthOf(Date.UTC(2026, 0, 1))).name, "2025-12");
  assertEquals(dayOf(october.endsAt - 1), "2026-10-31");
});

Deno.test("parseMonth() takes YYYY-MM alone", () => {
  assertEquals(parseMonth("2024-02"), monthOf(Date.UTC(2024, 1, 29)));
  for (
    const text of ["", "2026", "2026-13", "2026-00", "2026-1", "26-01", "2026-01-01", " 2026-01", "1969-12"]
  ) {
    assertThrows(() => parseMonth(text), UsageError, "allowed is YYYY-MM");
  }
});
