import { assertEquals, assertStrictEquals } from "@std/assert";
import { findQuota } from "./rate_limit.ts";

for (
  const [text, limit, period] of [
    ["25-W", 25, "week"],
    ["1000-D", 1000, "day"],
    ["5-M", 5, "month"],
    ["100-lookups/day", 100, "day"],
    ["100 lookups per day", 100, "day"],
    ["1-lookup/week", 1, "week"],
    ["50/week", 50, "week"],
    ["10000/day", 10_000, "day"],
    ["10,000/day", 10_000, "day"],
    ["5000 requests/month", 5000, "month"],
    ["50 per week", 50, "week"],
    ["50 weekly", 50, "week"],
    [" 25-w ", 25, "week"],
  ] as const
) {
  Deno.test(`findQuota() reads "${text}"`, () => {
    assertEquals(findQuota({ plan: "Community", rate_limit: text }), { limit, period });
    assertEquals(findQuota({ "rate-limit": text }), { limit, period });
  });
}

for (
  const body of [
    null,
    undefined,
    "25-W",
    [],
    {},
    { rate_limit: 25 },
    { rate_limit: "" },
    { rate_limit: "unlimited" },
    { rate_limit: "25" },
    { rate_limit: "0-W" },
    { rate_limit: "-25-W" },
    { rate_limit: "60-m" },
    { rate_limit: "25-H" },
    { rate_limit: "25-W and more" },
    { rate_limit: "99999999999999999999-W" },
    { message: "25-W" },
  ]
) {
  Deno.test(`findQuota() learns nothing from ${JSON.stringify(body)}`, () => {
    assertStrictEquals(findQuota(body), null);
  });
}

Deno.test("findQuota() takes the field that can be read", () => {
  assertEquals(findQuota({ rate_limit: "soon", "rate-limit": "50/week" }), { limit: 50, period: "week" });
});
