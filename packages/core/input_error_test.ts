import { assert, assertEquals, assertLess, assertNotMatch } from "@std/assert";
import fc from "fast-check";
import { explainInvalidAddress, explainLargeSpan, quoteInput } from "./input_error.ts";

Deno.test("quoteInput() quotes, escapes and cuts", () => {
  const cases: readonly (readonly [label: string, text: string, quoted: string])[] = [
    ["plain", "1.2.3", '"1.2.3"'],
    ["quote and backslash", 'a"b\\c', '"a\\"b\\\\c"'],
    ["line break", "a\nb", '"a\\nb"'],
    ["NUL", "a\0b", '"a\\u0000b"'],
    ["escape sequence", "\x1b[2J", '"\\u001b[2J"'],
    ["DEL", "a\x7fb", '"a\\u007fb"'],
    ["one-character escape sequence", "\x9b2J", '"\\u009b2J"'],
    ["next line", "a\x85b", '"a\\u0085b"'],
    ["line separator", "a\u2028b", '"a\\u2028b"'],
    ["reversed direction", "a\u202eb", '"a\\u202eb"'],
    ["isolate", "a\u2066b", '"a\\u2066b"'],
    ["invisible space", "1\u200b.2.3.4", '"1\\u200b.2.3.4"'],
    ["byte order mark", "\ufeff1.2.3.4", '"\\ufeff1.2.3.4"'],
    ["half of a pair", "a\ud800", '"a\\ud800"'],
    ["letters of other scripts", "ä日", '"ä日"'],
    ["100 characters", "x".repeat(100), `"${"x".repeat(100)}"`],
    ["101 characters", "x".repeat(101), `"${"x".repeat(100)}…"`],
    ["a pair at the cut", `${"x".repeat(99)}😀`, `"${"x".repeat(99)}\\ud83d…"`],
  ];
  for (const [label, text, quoted] of cases) assertEquals(quoteInput(text), quoted, label);
});

Deno.test("quoteInput() never lets a control character through and stays short", () => {
  const text = fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  });
  fc.assert(fc.property(text, (candidate) => {
    const quoted = quoteInput(candidate);
    assertNotMatch(quoted, /[\p{Cc}\p{Zl}\p{Zp}]/u);
    assert(candidate.length > 100 || JSON.parse(quoted) === candidate);
    assertLess(quoted.length, 610);
  }));
});

Deno.test("explainInvalidAddress() says what is wrong", () => {
  const cases: readonly (readonly [text: string, problem: string])[] = [
    ["", "it is empty"],
    [" \t", "it is empty"],
    ["fe80::1%eth0", "zone ids are not allowed, an address without one is meant"],
    ["100%", "allowed are"],
    ["%", "allowed are"],
    ["[::1]", "ports and brackets are not allowed"],
    ["[::1]:443", "ports and brackets are not allowed"],
    ["192.0.2.1:80", "ports and brackets are not allowed"],
    ["192.0.02.1", "leading zeros are not allowed"],
    ["010.0.0.1", "leading zeros are not allowed"],
    ["010.0.0.256", "allowed are"],
    ["192.0.2.0/33", "a block is written as 192.0.2.0/24 or 2001:db8::/64"],
    ["192.0.2.9-192.0.2.1", "a range is written as 192.0.2.1-192.0.2.9, first to last"],
    ["not-an-ip", "allowed are IPv4, IPv6, blocks such as"],
    ["nonsense", "allowed are IPv4, IPv6, blocks such as"],
  ];
  for (const [text, problem] of cases) {
    const { code, message } = explainInvalidAddress(text);
    assertEquals(code, "INVALID_ADDRESS");
    const start = `Cannot read ${JSON.stringify(text)} as an IP address: ${problem}`;
    assertEquals(message.slice(0, start.length), start);
  }
});

Deno.test("explainInvalidAddress() stays short and quick when the text is huge", () => {
  for (const unit of ["0", "[", "]:1", "1.", "-", "%", "/", "00.", "\u202e"]) {
    const { message } = explainInvalidAddress(unit.repeat(300_000));
    assertLess(message.length, 800, unit);
  }
});

Deno.test("explainLargeSpan() names the size and the limit", () => {
  assertEquals(explainLargeSpan("::/0", { count: 2n ** 128n, max: 1_048_576 }), {
    code: "RANGE_TOO_LARGE",
    message:
      'Cannot expand "::/0": it holds 340282366920938463463374607431768211456 addresses, allowed are 1048576',
  });
});

Deno.test("explainInvalidAddress() allows one address alone where no span is taken", () => {
  for (const text of ["foo", "1.2.3.4-", "8.8.8.0/24"]) {
    const { message } = explainInvalidAddress(text, { spans: false });
    assertEquals(
      message,
      `Cannot read "${text}" as an IP address: allowed is one IPv4 or IPv6 address`,
    );
  }
});

Deno.test("explainLargeSpan() passes on how to allow more", () => {
  const { message } = explainLargeSpan("::/0", { count: 4n, max: 2, advice: "--more allows up to 4" });
  assertEquals(message, 'Cannot expand "::/0": it holds 4 addresses, allowed are 2; --more allows up to 4');
});
