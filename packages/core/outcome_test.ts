import { assertEquals } from "@std/assert";
import { type FailureReason, isRetryable } from "./outcome.ts";

Deno.test("isRetryable() is true where the request itself was all right", () => {
  const cases: Readonly<Record<FailureReason, boolean>> = {
    timeout: true,
    refused: true,
    unresolved: true,
    unreachable: true,
    cut: true,
    server_error: true,
    garbage: false,
    // A 429 closes the source until its window ends: asking again costs more quota.
    rate_limited: false,
    unauthorized: false,
    rejected: false,
    corrupt: false,
    aborted: false,
  };
  for (const [reason, expected] of Object.entries(cases)) {
    assertEquals(isRetryable(reason as FailureReason), expected, reason);
  }
});
