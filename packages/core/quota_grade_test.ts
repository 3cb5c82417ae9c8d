import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { gradeQuota } from "./quota_grade.ts";

Deno.test("gradeQuota() warns below a fifth, and is critical below a tenth (runbook: 2 000 and 1 000 of 10 000)", () => {
  const cases: readonly (readonly [limit: number, remaining: number, grade: string])[] = [
    [10_000, 10_000, "ok"],
    [10_000, 2_000, "ok"],
    [10_000, 1_999, "warning"],
    [10_000, 1_000, "warning"],
    [10_000, 999, "critical"],
    [10_000, 0, "critical"],
    // A tenth of 70 is more than 7 in binary fractions.
    [70, 14, "ok"],
    [70, 7, "warning"],
    [70, 6, "critical"],
    [25, 5, "ok"],
    [25, 4, "warning"],
    [25, 2, "critical"],
    [1, 1, "ok"],
    [1, 0, "critical"],
    [0, 0, "critical"],
  ];
  for (const [limit, remaining, grade] of cases) {
    const status = { policy: { limit, period: "day" }, remaining, closedUntil: null } as const;
    assertStrictEquals(gradeQuota(status), grade, `${remaining} of ${limit}`);
  }
});

Deno.test("gradeQuota() is critical while a 429 keeps the source closed, whatever is left", () => {
  const policy = { limit: 100, period: "day" } as const;
  assertEquals(gradeQuota({ policy, remaining: 100, closedUntil: 1 }), "critical");
});

Deno.test("gradeQuota() never gets better as less is left", () => {
  const order = ["critical", "warning", "ok"];
  const limits = fc.integer({ min: 0, max: 1_000_000_000 });
  fc.assert(
    fc.property(limits, fc.double({ min: 0, max: 1, noNaN: true }), (limit, part) => {
      const more = Math.floor(limit * part);
      const grades = [more, Math.max(0, more - 1)].map((remaining) =>
        gradeQuota({ policy: { limit, period: "week" }, remaining, closedUntil: null })
      );
      assert(order.indexOf(grades[0]!) >= order.indexOf(grades[1]!), `${more} of ${limit}`);
    }),
  );
});
