import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { formatApiToken, readApiTokens, readRateLimit, readTrustedProxies } from "./settings_api_values.ts";

const HASH = "ab".repeat(32);

Deno.test("readApiTokens() reads scoped tokens and hashes of tokens", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["read:abc,operate:d-e.f_~+/==", [
      { scope: "read", token: "abc" },
      { scope: "operate", token: "d-e.f_~+/==" },
    ]],
    [`read:sha256:${HASH.toUpperCase()}, read:b`, [
      { scope: "read", sha256: HASH },
      { scope: "read", token: "b" },
    ]],
    ["abc", null],
    ["admin:abc", null],
    ["read:", null],
    ["read:a b", null],
    ["read:sha256:abc", null],
    [`read:md5:${HASH}`, null],
  ];
  for (const [text, value] of cases) {
    const reading = readApiTokens(text);
    assertEquals(reading.ok ? reading.value : null, value, text);
    if (reading.ok) assertEquals(readApiTokens(reading.value.map(formatApiToken).join(",")), reading);
  }
});

Deno.test("readApiTokens() refuses without telling the token", () => {
  const reading = readApiTokens("read:good,write:TOPSECRET");
  assertFalse(reading.ok);
  if (reading.ok) return;
  assertStringIncludes(reading.allowed, "entry 2");
  assertFalse(reading.allowed.includes("TOPSECRET"));
});

Deno.test("readRateLimit() reads so many in so much time", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["100/s", { count: 100, perMs: 1_000 }],
    ["60/min", { count: 60, perMs: 60_000 }],
    ["5000/hour", { count: 5_000, perMs: 3_600_000 }],
    ["OFF", "off"],
    ["0/s", null],
    ["100", null],
    ["1/day", null],
  ];
  for (const [text, value] of cases) {
    const reading = readRateLimit(text);
    assertEquals(reading.ok ? reading.value : null, value, text);
  }
});

Deno.test("readTrustedProxies() reads addresses and blocks, no names and no ranges", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["10.0.0.0/8, ::1 192.0.2.1", ["10.0.0.0/8", "::1", "192.0.2.1"]],
    ["proxy.example", null],
    ["10.0.0.1-10.0.0.9", null],
    ["10.0.0.0/33", null],
  ];
  for (const [text, value] of cases) {
    const reading = readTrustedProxies(text);
    assertEquals(reading.ok ? reading.value : null, value, text);
  }
});
