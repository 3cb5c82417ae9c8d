import { assert, assertEquals } from "@std/assert";
import { proveHostileRequests } from "./evidence/api_hostile.ts";

Deno.test("the API answers hostile requests without a 5xx that it does not declare, a leak or a crash", async () => {
  const { broken, figures } = await proveHostileRequests({
    requests: 600,
    seed: 20_261_126,
    maxGrownMb: null,
  });
  assertEquals(broken, []);
  // Most of them got as far as an answer.
  assert(/\b4\d\d: \d+/.test(String(figures.answers)), JSON.stringify(figures));
});
