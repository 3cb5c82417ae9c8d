import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import {
  basicCredentials,
  createRedactor,
  createUrlRedactor,
  listUrlParts,
  listUrlSecrets,
  maskUrl,
  redact,
} from "./secrets.ts";

Deno.test("maskUrl() hides the password and secret parameters", () => {
  const cases: readonly [string, string][] = [
    ["postgres://op:hunter2@db/x", "postgres://op:***@db/x"],
    ["postgres://op@db/x", "postgres://op@db/x"],
    ["smtps://:p@mail", "smtps://:***@mail"],
    [
      "postgres://db/x?user=op&password=hunter2&sslmode=require",
      "postgres://db/x?user=op&password=***&sslmode=require",
    ],
    ["https://m.example.com/?token=abc#f", "https://m.example.com/?token=***#f"],
    ["https://m.example.com:8443/a:b@c", "https://m.example.com:8443/a:b@c"],
    ["/srv/mirror", "/srv/mirror"],
  ];
  for (const [url, masked] of cases) assertEquals(maskUrl(url), masked);
});

Deno.test("listUrlSecrets() lists passwords as written and decoded", () => {
  assertEquals(listUrlSecrets("postgres://op:p%40ss@db/x?password=q%21"), ["p%40ss", "p@ss", "q%21", "q!"]);
  assertEquals(listUrlSecrets("postgres://op:100%@db/x"), ["100%", "100%"]);
  assertEquals(listUrlSecrets("https://example.com:8443/"), []);
});

Deno.test("basicCredentials() encodes text beyond ASCII as UTF-8", () => {
  assertEquals(basicCredentials("Aladdin", "open sesame"), "QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  assertEquals(basicCredentials("u", "ü"), "dTrDvA==");
});

Deno.test("redact() hides secrets in every spelling, the longest first", () => {
  const secrets = ["key-1", "key-1-long", 'a"b\\c', "p@ss word", "abc"];
  assertEquals(redact("key-1 key-1-long", secrets), "*** ***");
  assertEquals(redact('{"k":"a\\"b\\\\c"}', secrets), '{"k":"***"}');
  assertEquals(redact("https://h/?k=p%40ss%20word", secrets), "https://h/?k=***");
  assertEquals(redact("abc of the alphabet", secrets), "abc of the alphabet");
});

Deno.test("createRedactor() leaves no secret in any text around it", () => {
  const secret = fc.string({ minLength: 6, maxLength: 20 }).filter((text) => !text.includes("*"));
  fc.assert(fc.property(secret, fc.string(), fc.string(), (hidden, before, after) => {
    const redacted = createRedactor([hidden])(`${before}${hidden}${after}`);
    assert(redacted.includes("***"));
    assertFalse(redacted.includes(hidden));
  }));
});

Deno.test("listUrlParts() lists what is quoted alone, and no plain word", () => {
  const cases: readonly [string, readonly string[]][] = [
    ["https://hooks.slack.com/services/T0000/B0000000/SECRETTOKEN", ["B0000000", "SECRETTOKEN"]],
    ["https://discord.com/api/webhooks/123456789012345678/a-_b", ["123456789012345678"]],
    ["https://h.example/IncomingWebhook/abcd%40efgh?v=1&x=p%20ssword1", [
      "abcd%40efgh",
      "abcd@efgh",
      "p ssword1",
    ]],
    ["https://hc.example/ping/fqOOd6-F4/{job}?create=1", ["fqOOd6-F4"]],
    ["https://hc.example/12345678-{job}-1", ["12345678-"]],
    ["https://h.example/hook?token=abcd", ["abcd"]],
    ["https://h.example/", []],
  ];
  for (const [url, parts] of cases) assertEquals(listUrlParts(url), parts, url);
});

Deno.test("createUrlRedactor() hides a token that a server quotes alone", () => {
  const redact = createUrlRedactor("https://h.example/services/T0000/SECRETTOKEN?sig=abc%2Fdefgh");
  assertEquals(
    redact("404 token SECRETTOKEN unknown, sig abc/defgh or abc%2Fdefgh, no such services"),
    "404 token *** unknown, sig *** or ***, no such services",
  );
});
