import { assertStrictEquals } from "@std/assert";
import { readRetryAfter } from "./retry_after.ts";

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);
for (
  const [header, expected] of [
    ["120", NOW + 120_000],
    [" 120 ", NOW + 120_000],
    ["Mon, 23 Nov 2026 13:00:00 GMT", NOW + 3_600_000],
    ["Monday, 23-Nov-26 13:00:00 GMT", NOW + 3_600_000],
    ["99999999999999", NOW + 31 * 86_400_000],
    ["Fri, 23 Nov 2096 13:00:00 GMT", NOW + 31 * 86_400_000],
    ["0", null],
    ["-5", null],
    ["1.5", null],
    ["Mon, 23 Nov 2026 11:00:00 GMT", null],
    ["soon", null],
    ["", null],
    [null, null],
  ] as const
) {
  Deno.test(`readRetryAfter() reads ${JSON.stringify(header)}`, () => {
    assertStrictEquals(readRetryAfter(header, NOW), expected);
  });
}
