import { assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { redact } from "./redact.ts";

for (
  const [text, secrets, expected] of [
    ["Invalid license key", ["key815"], "Invalid license key"],
    ["bad key815, KEY815!", ["key815"], "bad ***, ***!"],
    ["a.b is no a+b", ["a.b", "a+b"], "*** is no ***"],
    ["see https://h/x?s=1 now", [], "see *** now"],
    ["GET /x?s=1&t=2 now", [], "GET /x*** now"],
    ["of AKIAIOSFODNN7EXAMPLEAKIA now", [], "of *** now"],
    ["short secrets are words: a an", ["a", ""], "short secrets are words: a an"],
    ["long before short: key815", ["key", "key815"], "long before short: ***"],
  ] as const
) {
  Deno.test(`redact() makes "${expected}"`, () => assertEquals(redact(text, secrets), expected));
}

Deno.test("redact() leaves no secret, wherever it stands", () => {
  const secret = fc.string({ minLength: 3, maxLength: 30 }).filter((text) => !text.includes("*"));
  fc.assert(fc.property(fc.string(), secret, fc.string(), (before, secret, after) => {
    assertFalse(redact(before + secret + after, [secret]).includes(secret));
  }));
});
