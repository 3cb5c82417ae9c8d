import { assert, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { backoffMs, type BackoffOptions, ROW_BACKOFF, RUN_BACKOFF } from "./backoff.ts";
import { MS_PER_DAY, MS_PER_MINUTE } from "./clock.ts";

Deno.test("backoffMs() doubles up to the longest pause, within half of it", () => {
  const cases: readonly (readonly [failures: number, options: BackoffOptions, fullMs: number])[] = [
    [1, RUN_BACKOFF, 500],
    [2, RUN_BACKOFF, 1_000],
    [5, RUN_BACKOFF, 8_000],
    [6, RUN_BACKOFF, 10_000],
    [5_000, RUN_BACKOFF, 10_000],
    [1, ROW_BACKOFF, 15 * MS_PER_MINUTE],
    [3, ROW_BACKOFF, 60 * MS_PER_MINUTE],
    [8, ROW_BACKOFF, MS_PER_DAY],
  ];
  for (const [failures, options, fullMs] of cases) {
    assertStrictEquals(backoffMs(failures, options, () => 0), fullMs / 2, `${failures} failures, shortest`);
    assertStrictEquals(
      backoffMs(failures, options, () => 0.5),
      fullMs * 0.75,
      `${failures} failures, middle`,
    );
  }
});

Deno.test("backoffMs() stays between half the pause and the longest for any count", () => {
  const failures = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(failures, random, fc.constantFrom(RUN_BACKOFF, ROW_BACKOFF), (count, share, options) => {
      const pause = backoffMs(count, options, () => share);
      assert(pause >= options.baseMs / 2 && pause <= options.maxMs);
      assert(backoffMs(count + 1, options, () => share) >= pause);
    }),
  );
});
