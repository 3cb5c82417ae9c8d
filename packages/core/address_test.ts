import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { isIP } from "node:net";
import { ipv4FromBits, ipv6FromGroups, mappedIpv4, parseAddress, parseIpv6 } from "./address.ts";

/** What the platform's URL parser makes of an IPv6 address. */
function canonicalByUrl(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

/** The canonical text after node and WHATWG URL; null where node sees no address or a zone id. */
function canonicalByOracle(text: string): string | null {
  const family = text.includes("%") ? 0 : isIP(text);
  if (family === 0) return null;
  if (family === 4) return text;
  const canonical = canonicalByUrl(text);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(canonical);
  if (mapped === null) return canonical;
  const [high, low] = [parseInt(mapped[1]!, 16), parseInt(mapped[2]!, 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

const groupValue = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.integer({ min: 0, max: 0xffff }));

/** Any legal spelling of eight groups: upper case, leading zeros, dotted tail, any run of zeros as `::`. */
const ipv6Spelling = fc.record({
  groups: fc.array(groupValue, { minLength: 8, maxLength: 8 }),
  upper: fc.boolean(),
  width: fc.integer({ min: 1, max: 4 }),
  dotted: fc.boolean(),
  gapAt: fc.integer({ min: 0, max: 8 }),
}).map(({ groups, upper, width, dotted, gapAt }) => {
  const digits = groups.map((group) => group.toString(16).padStart(width, "0"));
  const last = groups.slice(6).flatMap((group) => [group >> 8, group & 255]).join(".");
  const parts = dotted ? [...digits.slice(0, 6), last] : digits;
  let gapEnd = gapAt;
  while (gapEnd < (dotted ? 6 : 8) && groups[gapEnd] === 0) gapEnd++;
  const text = gapEnd > gapAt
    ? `${parts.slice(0, gapAt).join(":")}::${parts.slice(gapEnd).join(":")}`
    : parts.join(":");
  return { groups, text: upper ? text.toUpperCase() : text };
});

Deno.test("parseAddress() writes the canonical form", () => {
  const cases: readonly (readonly [text: string, canonical: string])[] = [
    ["0.0.0.0", "0.0.0.0"],
    ["1.2.3.4", "1.2.3.4"],
    ["255.255.255.255", "255.255.255.255"],
    ["100.100.100.100", "100.100.100.100"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0000:0000:0000:0000:0000:0000:0000:0001", "::1"],
    ["2001:DB8::A", "2001:db8::a"],
    ["2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
    // RFC 5952, 4.2.2: one zero group alone is not shortened.
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    // RFC 5952, 4.2.3: the longest run, and the first of equal ones.
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["0:0:1:0:0:0:0:0", "0:0:1::"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["1:2:3:4:5:6:255.255.255.255", "1:2:3:4:5:6:ffff:ffff"],
    // IPv4-compatible and translated addresses are not mapped ones.
    ["::1.2.3.4", "::102:304"],
    ["::ffff:0:1.2.3.4", "::ffff:0:102:304"],
    ["1::ffff:1.2.3.4", "1::ffff:102:304"],
  ];
  for (const [text, canonical] of cases) assertEquals(parseAddress(text)?.text, canonical, text);
});

Deno.test("parseAddress() makes IPv4 of a mapped address in every spelling", () => {
  const spellings = [
    "::ffff:1.2.3.4",
    "::FFFF:1.2.3.4",
    "::ffff:102:304",
    "::ffff:0102:0304",
    "0:0:0:0:0:ffff:1.2.3.4",
    "0000:0000:0000:0000:0000:ffff:0102:0304",
    "0::0:ffff:1.2.3.4",
    "::0:0:FfFf:102:304",
    "0:0:0:0:0:ffff:102:304",
  ];
  for (const text of spellings) {
    assertEquals(parseAddress(text), { family: 4, text: "1.2.3.4", bits: 0x01020304 }, text);
  }
  assertEquals(parseAddress("::ffff:0:0")?.text, "0.0.0.0");
  assertEquals(parseAddress("::ffff:ffff:ffff"), { family: 4, text: "255.255.255.255", bits: 0xffffffff });
});

Deno.test("parseAddress() refuses what is no address", () => {
  const cases: readonly (readonly [label: string, text: string])[] = [
    ["empty", ""],
    ["white space", " "],
    ["white space before", " 1.2.3.4"],
    ["white space behind", "1.2.3.4\n"],
    ["word", "nonsense"],
    ["three octets", "1.2.3"],
    ["five octets", "1.2.3.4.5"],
    ["no octet", "1..2.3"],
    ["dot before", ".1.2.3.4"],
    ["dot behind", "1.2.3.4."],
    ["octet of 256", "1.2.3.256"],
    ["octet of 1000", "1.2.3.1000"],
    ["leading zero", "01.2.3.4"],
    ["leading zero behind", "1.2.3.04"],
    ["two zeros", "00.0.0.0"],
    ["octal", "0177.0.0.1"],
    ["hexadecimal", "0x7f.0.0.1"],
    ["one number", "2130706433"],
    ["sign", "-1.2.3.4"],
    ["plus", "+1.2.3.4"],
    ["exponent", "1e1.2.3.4"],
    ["full-width digits", "１.2.3.4"],
    ["Arabic digits", "١.٢.٣.٤"],
    ["NUL", "1.2.3.4\0"],
    ["port", "1.2.3.4:80"],
    ["block", "1.2.3.0/24"],
    ["one colon", ":"],
    ["three colons", ":::"],
    ["colon before", ":1:2:3:4:5:6:7"],
    ["colon behind", "1:2:3:4:5:6:7:"],
    ["colon behind eight groups", "1:2:3:4:5:6:7:8:"],
    ["seven groups", "1:2:3:4:5:6:7"],
    ["nine groups", "1:2:3:4:5:6:7:8:9"],
    ["a gap that stands for nothing", "1:2:3:4::5:6:7:8"],
    ["a gap before eight groups", "::1:2:3:4:5:6:7:8"],
    ["a gap behind eight groups", "1:2:3:4:5:6:7:8::"],
    ["two gaps", "1::2::3"],
    ["a long gap", "1:::2"],
    ["five digits", "12345::"],
    ["five digits with zeros", "00001::"],
    ["no hexadecimal digit", "g::"],
    ["digit next to the letters", "`::"],
    ["IPv4 in the middle", "::1.2.3.4:5"],
    ["IPv4 at the front", "1.2.3.4::"],
    ["IPv4 after seven groups", "1:2:3:4:5:6:7:1.2.3.4"],
    ["IPv4 after five groups", "1:2:3:4:5:1.2.3.4"],
    ["short IPv4 behind", "::1.2.3"],
    ["leading zero in the IPv4 behind", "::ffff:01.2.3.4"],
    ["octet of 256 in the IPv4 behind", "::ffff:1.2.3.256"],
    ["zone id", "fe80::1%eth0"],
    ["zone id of a number", "fe80::1%1"],
    ["empty zone id", "fe80::1%"],
    ["brackets", "[::1]"],
    ["brackets and port", "[::1]:443"],
    ["prefix length", "2001:db8::/32"],
  ];
  for (const [label, text] of cases) assertEquals(parseAddress(text), null, `${label}: ${text}`);
});

Deno.test("parseAddress() refuses huge texts at once", () => {
  for (const unit of ["1", "1.", "1:", ":", "0", "ffff:", "1.2.3.4"]) {
    assertEquals(parseAddress(unit.repeat(5_000_000 / unit.length)), null, unit);
  }
});

Deno.test("parseAddress() agrees with node and WHATWG URL on every spelling of IPv6", () => {
  fc.assert(
    fc.property(ipv6Spelling, ({ text, groups }) => {
      const parsed = parseAddress(text);
      assertStrictEquals(parsed?.text, canonicalByOracle(text), text);
      if (parsed?.family === 6) assertEquals(parsed.groups, groups);
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("parseAddress() agrees with node on IPv4", () => {
  const octet = fc.oneof(
    fc.integer({ min: 0, max: 255 }).map(String),
    fc.integer({ min: 0, max: 999 }).map((value) => String(value).padStart(3, "0")),
    fc.constantFrom("", "256", "00", "0x1", "-1", " 1"),
  );
  const text = fc.array(octet, { minLength: 3, maxLength: 5 }).map((octets) => octets.join("."));
  fc.assert(
    fc.property(text, (candidate) => {
      assertStrictEquals(parseAddress(candidate)?.text ?? null, canonicalByOracle(candidate), candidate);
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("parseAddress() agrees with node on near misses", () => {
  const noise = fc.string({
    unit: fc.constantFrom(
      "0",
      "1",
      "9",
      "a",
      "F",
      "g",
      ":",
      "::",
      ".",
      "ffff",
      "255",
      "::ffff:",
      "1.2.3.4",
      "%",
    ),
    maxLength: 14,
  });
  fc.assert(
    fc.property(noise, (candidate) => {
      assertStrictEquals(parseAddress(candidate)?.text ?? null, canonicalByOracle(candidate), candidate);
    }),
    { numRuns: 20_000 },
  );
});

Deno.test("parseAddress() reads its own canonical text back", () => {
  fc.assert(fc.property(ipv6Spelling, ({ text }) => {
    const parsed = parseAddress(text)!;
    assertEquals(parseAddress(parsed.text), parsed);
  }));
});

Deno.test("ipv4FromBits() and ipv6FromGroups() are the inverse of parsing", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffffff }), (bits) => {
    assertEquals(parseAddress(ipv4FromBits(bits).text), ipv4FromBits(bits));
  }));
  fc.assert(fc.property(fc.array(groupValue, { minLength: 8, maxLength: 8 }), (groups) => {
    assertEquals(parseAddress(ipv6FromGroups(groups).text), ipv6FromGroups(groups));
  }));
});

Deno.test("parseIpv6() gives the groups that an address was written from, of a mapped one too", () => {
  assertEquals(parseIpv6("::ffff:1.2.3.4"), [0, 0, 0, 0, 0, 0xffff, 0x0102, 0x0304]);
  assertEquals([parseIpv6("1.2.3.4"), parseIpv6("1::2::3"), parseIpv6("")], [null, null, null]);
  fc.assert(fc.property(fc.array(groupValue, { minLength: 8, maxLength: 8 }), (groups) => {
    const text = groups.map((group) => group.toString(16)).join(":");
    assertEquals(parseIpv6(text), groups);
    const bits = mappedIpv4(groups);
    assertEquals(parseAddress(text), bits < 0 ? ipv6FromGroups(groups) : ipv4FromBits(bits));
  }));
});

Deno.test("mappedIpv4() tells the 32 bits of what is below ::ffff:0:0/96 alone", () => {
  assertEquals(mappedIpv4([0, 0, 0, 0, 0, 0xffff, 0xffff, 0xffff]), 0xffffffff);
  assertEquals(mappedIpv4([0, 0, 0, 0, 0, 0xffff, 0, 0]), 0);
  for (
    const groups of [[0, 0, 0, 0, 0xffff, 0, 1, 2], [0, 0, 0, 0, 0, 0, 1, 2], [1, 0, 0, 0, 0, 0xffff, 1, 2]]
  ) {
    assertEquals(mappedIpv4(groups), -1);
  }
});
