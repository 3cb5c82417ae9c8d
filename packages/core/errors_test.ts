import { assert, assertEquals } from "@std/assert";
import { EditionUnreadableError, EnrichmentError, LockHeldError, StoreError, UsageError } from "./errors.ts";

Deno.test("every EnrichmentError has a stable code, its own name and its cause", () => {
  const cause = new Error("below");
  const cases = [
    [new UsageError("no", { cause }), "BAD_USAGE", "UsageError"],
    [new LockHeldError("no", { cause }), "LOCK_HELD", "LockHeldError"],
    [new StoreError("no", { cause }), "STORE_FAILED", "StoreError"],
    [new EditionUnreadableError("no", { cause }), "EDITION_UNREADABLE", "EditionUnreadableError"],
  ] as const;
  for (const [error, code, name] of cases) {
    assert(error instanceof EnrichmentError && error instanceof Error);
    assertEquals([error.code, error.name, String(error), error.cause], [code, name, `${name}: no`, cause]);
  }
});
