import { assertEquals } from "@std/assert";
import { countryCode } from "./source_answer.ts";

Deno.test("countryCode() takes two capitals that stand for a country, and nothing else", () => {
  const codes = ["AZ", "ZA", "DE"];
  assertEquals(codes.map(countryCode), codes);
  const others = ["XX", "ZZ", "A[", "[A", "A@", "@A", "de", "D", "DEU", "", "ÄA", "D1", null, undefined];
  assertEquals(others.map(countryCode), others.map(() => null));
});
