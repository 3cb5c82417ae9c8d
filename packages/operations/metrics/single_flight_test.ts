import { assertEquals, assertRejects } from "@std/assert";
import { singleFlight } from "./single_flight.ts";

Deno.test("singleFlight() gives everybody what the work that goes on gives, and begins anew after it", async () => {
  let begun = 0;
  const gates = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const work = singleFlight(() => gates[begun++]!.promise);
  const both = [work(), work()];
  assertEquals(begun, 1);
  gates[0]!.resolve("first");
  assertEquals(await Promise.all(both), ["first", "first"]);
  const next = work();
  assertEquals(begun, 2);
  gates[1]!.reject(new Error("away"));
  await assertRejects(() => next, Error, "away");
});
