import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { cleanText } from "./clean_text.ts";

for (
  const [label, text, expected] of [
    ["plain text", "Google LLC", "Google LLC"],
    ["white space", "  a \t\r\n b  ", "a b"],
    ["NUL and other controls", "a\u0000b\u001bc\u009fd", "a b c d"],
    ["half a surrogate pair", "a\ud800b\udc00", "a b"],
    ["whole surrogate pairs", "a\u{1f600}b", "a\u{1f600}b"],
    ["nothing", "", null],
    ["controls alone", "\u0000 \u0007", null],
    ["a text that is too long", "abcdefgh", "abcde"],
    ["a pair at the end of the room", "abcd\u{1f600}fgh", "abcd\u{1f600}"],
    ["a space at the end of the room", "abcd efgh", "abcd"],
  ] as const
) {
  Deno.test(`cleanText() makes ${label} fit to store`, () => {
    assertStrictEquals(
      cleanText(text, label.includes("too long") || label.includes("room") ? 5 : 50),
      expected,
    );
  });
}

Deno.test("cleanText() leaves nothing that jsonb refuses, and is done after one pass", () => {
  const unit = fc.constantFrom("a", "é", " ", "\u0000", "\u0085", "\u2028", "\ud800", "\udc00", "\u{1f600}");
  fc.assert(fc.property(fc.string({ unit }), fc.integer({ min: 1, max: 20 }), (text, maxLength) => {
    const cleaned = cleanText(text, maxLength);
    if (cleaned === null) return;
    assertEquals(/[\p{Cc}\p{Cs}]/u.test(cleaned), false);
    assertEquals(Array.from(cleaned).length <= maxLength, true);
    assertStrictEquals(cleanText(cleaned, maxLength), cleaned);
  }));
});
