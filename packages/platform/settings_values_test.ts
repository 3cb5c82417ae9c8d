import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import type { Reading } from "./settings_reading.ts";
import {
  readCanaries,
  readChoice,
  readDuration,
  readEditionIds,
  readHost,
  readInteger,
  readMailAddress,
  readMailAddresses,
  readMirror,
  readNetworkAddress,
  readNetworkAddresses,
  readPath,
  readProxy,
  readQuota,
  readShare,
  readSwitch,
  readUpdatesHost,
  readUrl,
  readUserPassword,
} from "./settings_values.ts";

/** Null stands for a refusal. */
type Case = readonly [text: string, value: unknown];

function check(read: (text: string) => Reading<unknown>, cases: readonly Case[]): void {
  for (const [text, value] of cases) {
    const reading = read(text);
    assertEquals(reading.ok ? reading.value : null, value, `${read.name} ${text}`);
  }
}

Deno.test("readPath() expands the home directory when it knows it", () => {
  check((text) => readPath(text, "/home/op"), [["/var/x", "/var/x"], ["~/x", "/home/op/x"], ["a\0b", null]]);
  check((text) => readPath(text, null), [["~/x", null], ["x", "x"]]);
});

Deno.test("readInteger() keeps to its bounds", () => {
  check((text) => readInteger(text, { min: 1, max: 10 }), [
    ["1", 1],
    ["10", 10],
    ["0", null],
    ["11", null],
    ["1.5", null],
    ["1e1", null],
    ["-1", null],
    ["0x2", null],
  ]);
});

Deno.test("readDuration() hints at the unit of a bare number", () => {
  assertEquals(readDuration("2m", 1), { ok: true, value: 120_000 });
  assertEquals(readDuration("0", 0), { ok: true, value: 0 });
  assertFalse(readDuration("0", 1).ok);
  const reading = readDuration("60", 1);
  assertFalse(reading.ok);
  if (!reading.ok) assertStringIncludes(reading.allowed, "a number needs its unit: 60s");
});

Deno.test("readSwitch() reads on and off in any case", () => {
  check(readSwitch, [["on", true], ["OFF", false], ["yes", null], ["1", null]]);
});

Deno.test("readChoice() reads words in any case", () => {
  check((text) => readChoice(text, ["file", "postgres"]), [["file", "file"], ["POSTGRES", "postgres"], [
    "s3",
    null,
  ]]);
});

Deno.test("readEditionIds() reads ids between white space", () => {
  check(readEditionIds, [
    ["GeoLite2-City GeoLite2-ASN", ["GeoLite2-City", "GeoLite2-ASN"]],
    ["GeoLite2-City\t GeoLite2-City", ["GeoLite2-City"]],
    ["GeoLite2-City,GeoLite2-ASN", null],
    ["../../etc", null],
  ]);
});

Deno.test("readUrl() reads URLs of the schemes given", () => {
  check((text) => readUrl(text, ["https:", "http:"]), [
    ["https://api.greynoise.io/", "https://api.greynoise.io"],
    ["http://127.0.0.1:8080/base", "http://127.0.0.1:8080/base"],
    ["ftp://example.com", null],
    ["example.com", null],
    ["https://", null],
    ["https://example.com/#x", null],
    ["https://exa mple.com", null],
  ]);
});

Deno.test("readUpdatesHost() takes a bare host for https", () => {
  check(readUpdatesHost, [
    ["updates.maxmind.com", "https://updates.maxmind.com"],
    ["http://127.0.0.1:99", "http://127.0.0.1:99"],
    ["a b", null],
  ]);
});

Deno.test("readProxy() has geoipupdate's grammar", () => {
  check(readProxy, [
    ["127.0.0.1", "http://127.0.0.1:1080"],
    ["127.0.0.1:8888", "http://127.0.0.1:8888"],
    ["http://127.0.0.1:80", "http://127.0.0.1"],
    ["proxy.example.com", "http://proxy.example.com:1080"],
    ["https://u:p@proxy.example.com:3128", "https://u:p@proxy.example.com:3128"],
    ["socks5://127.0.0.1", "socks5://127.0.0.1:1080"],
    ["ftp://127.0.0.1", null],
    ["a b", null],
  ]);
});

Deno.test("readUserPassword() wants both", () => {
  check(readUserPassword, [["u:p:q", "u:p:q"], ["u", null], [":p", null], ["u:", null]]);
});

Deno.test("readMirror() reads URLs and directories", () => {
  check((text) => readMirror(text, "/home/op"), [
    ["https://mirror.example.com/geo/", "https://mirror.example.com/geo"],
    ["/srv/mirror", "/srv/mirror"],
    ["~/mirror", "/home/op/mirror"],
    ["file:///srv/my%20mirror", "/srv/my mirror"],
    ["s3://bucket", null],
  ]);
});

Deno.test("readNetworkAddress() reads host and port", () => {
  check((text) => readNetworkAddress(text, 43), [
    ["whois.cymru.com:43", { host: "whois.cymru.com", port: 43 }],
    ["whois.cymru.com", { host: "whois.cymru.com", port: 43 }],
    ["127.0.0.1:4343", { host: "127.0.0.1", port: 4343 }],
    ["[::1]:53", { host: "::1", port: 53 }],
    ["::1", { host: "::1", port: 43 }],
    ["resolver", { host: "resolver", port: 43 }],
    ["host:0", null],
    ["host:65536", null],
    ["host:", null],
    [":43", null],
    ["999.1.1.1:43", null],
    ["[127.0.0.1]:43", null],
    ["tcp://host:43", null],
    ["ho st:43", null],
  ]);
});

Deno.test("readNetworkAddresses() reads hosts with ports, or off", () => {
  check(readNetworkAddresses, [
    ["whois.iana.org:43 [2001:db8::1]:443", [
      { host: "whois.iana.org", port: 43 },
      { host: "2001:db8::1", port: 443 },
    ]],
    ["a:1, b:2,c:3", [{ host: "a", port: 1 }, { host: "b", port: 2 }, { host: "c", port: 3 }]],
    ["OFF", []],
    ["whois.iana.org", null],
    ["2001:db8::1", null],
    ["a:1 b:70000", null],
    [",", null],
    ["a:1 ".repeat(9), null],
  ]);
});

Deno.test("readHost() reads interfaces", () => {
  check(readHost, [
    ["127.0.0.1", "127.0.0.1"],
    ["0.0.0.0", "0.0.0.0"],
    ["::", "::"],
    ["[::1]", "::1"],
    ["localhost", "localhost"],
    ["127.0.0.1:80", null],
    ["http://localhost", null],
    ["127.0.0", null],
  ]);
});

Deno.test("readQuota() reads N per period", () => {
  check(readQuota, [
    ["10000/day", { limit: 10_000, period: "day" }],
    ["25/week", { limit: 25, period: "week" }],
    ["0/month", { limit: 0, period: "month" }],
    ["10000", null],
    ["10/hour", null],
    ["-1/day", null],
  ]);
});

Deno.test("readShare() reads parts of a whole", () => {
  check(readShare, [
    ["0.8", 0.8],
    [".25", 0.25],
    ["0.1234", 0.1234],
    ["0", 0],
    ["0.0", 0],
    ["1", 1],
    ["1.0", 1],
    ["1.01", null],
    ["80", null],
    ["80%", null],
    ["-0.1", null],
    ["0,8", null],
    ["8e-1", null],
    ["0.12345", null],
    [".", null],
    ["NaN", null],
  ]);
});

Deno.test("readCanaries() reads expected answers", () => {
  check(readCanaries, [
    ["8.8.8.8=AS15169/US", [{ address: "8.8.8.8", asn: 15169, country: "US" }]],
    ["1.128.0.1=AS1221,2.125.160.216=GB", [
      { address: "1.128.0.1", asn: 1221, country: null },
      { address: "2.125.160.216", asn: null, country: "GB" },
    ]],
    ["2001:0DB8::1=as1/us", [{ address: "2001:db8::1", asn: 1, country: "US" }]],
    ["off", []],
    ["8.8.8.8", null],
    ["8.8.8.8=", null],
    ["8.8.8.8=USA", null],
    ["8.8.8.8=AS0", null],
    ["8.8.8.8=AS4294967296", null],
    ["8.8.8=US", null],
    ["8.8.8.8=US,", null],
  ]);
});

Deno.test("readMailAddresses() and readMailAddress() read mail addresses", () => {
  check(readMailAddresses, [
    ["ops@example.com, soc@example.com", ["ops@example.com", "soc@example.com"]],
    ["ops", null],
    ["ops@example.com,", null],
  ]);
  check(readMailAddress, [
    ["ops@example.com", "ops@example.com"],
    ["ipcascade <ops@example.com>", "ipcascade <ops@example.com>"],
    ["ops@example.com\r\nBcc: x@example.com", null],
  ]);
});
