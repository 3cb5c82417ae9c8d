import { assert, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { ipv4FromBits } from "./address.ts";
import { DEFAULT_MAX_SPAN, expandTarget, parseTarget, type Target } from "./target.ts";

/** A target as one line of text. */
function describeTarget(target: Target | null): string | null {
  if (target === null) return null;
  return target.kind === "address" ? target.address.text : `${target.first.text} x ${target.count}`;
}

function expand(text: string): string[] {
  return [...expandTarget(parseTarget(text)!)].map((address) => address.text);
}

Deno.test("parseTarget() reads addresses, blocks and ranges", () => {
  const cases: readonly (readonly [text: string, expected: string])[] = [
    ["192.0.2.7", "192.0.2.7"],
    ["2001:DB8::7", "2001:db8::7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["192.0.2.0/24", "192.0.2.0 x 256"],
    ["192.0.2.77/24", "192.0.2.0 x 256"],
    ["192.0.2.77/31", "192.0.2.76 x 2"],
    ["192.0.2.77/32", "192.0.2.77 x 1"],
    ["255.255.255.255/32", "255.255.255.255 x 1"],
    ["192.0.2.77/1", "128.0.0.0 x 2147483648"],
    ["192.0.2.77/0", "0.0.0.0 x 4294967296"],
    ["2001:db8::/32", `2001:db8:: x ${2n ** 96n}`],
    ["2001:db8:1:2:3:4:5:6/64", `2001:db8:1:2:: x ${2n ** 64n}`],
    ["2001:db8::7/128", "2001:db8::7 x 1"],
    ["2001:db8::7/127", "2001:db8::6 x 2"],
    ["ffff::/0", `:: x ${2n ** 128n}`],
    ["::ffff:192.0.2.77/120", "192.0.2.0 x 256"],
    ["::ffff:192.0.2.77/128", "192.0.2.77 x 1"],
    ["::ffff:0:0/96", "0.0.0.0 x 4294967296"],
    ["192.0.2.1-192.0.2.9", "192.0.2.1 x 9"],
    ["192.0.2.1 - 192.0.2.9", "192.0.2.1 x 9"],
    ["192.0.2.9-192.0.2.9", "192.0.2.9 x 1"],
    ["0.0.0.0-255.255.255.255", "0.0.0.0 x 4294967296"],
    ["::ffff:192.0.2.1-192.0.2.9", "192.0.2.1 x 9"],
    ["2001:db8::1-2001:db8::1:0", "2001:db8::1 x 65536"],
    ["::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", `:: x ${2n ** 128n}`],
  ];
  for (const [text, expected] of cases) assertEquals(describeTarget(parseTarget(text)), expected, text);
});

Deno.test("parseTarget() refuses what names no addresses", () => {
  const cases: readonly (readonly [label: string, text: string])[] = [
    ["empty", ""],
    ["word", "nonsense"],
    ["hyphenated word", "not-an-ip"],
    ["no base", "/24"],
    ["no length", "192.0.2.0/"],
    ["length of 33", "192.0.2.0/33"],
    ["length of 129", "2001:db8::/129"],
    ["length of 999", "2001:db8::/999"],
    ["negative length", "192.0.2.0/-1"],
    ["leading zero", "192.0.2.0/08"],
    ["net mask", "192.0.2.0/255.255.255.0"],
    ["word as length", "192.0.2.0/x"],
    ["space in the block", "192.0.2.0 /24"],
    ["two lengths", "192.0.2.0/24/24"],
    ["short base", "192.0.2/24"],
    ["mapped base with a length before the mapping", "::ffff:192.0.2.0/95"],
    ["no first", "-192.0.2.9"],
    ["no last", "192.0.2.1-"],
    ["reversed range", "192.0.2.9-192.0.2.1"],
    ["reversed IPv6 range", "2001:db8::2-2001:db8::1"],
    ["mixed families", "192.0.2.1-2001:db8::1"],
    ["mixed families the other way", "::1-192.0.2.1"],
    ["short last", "192.0.2.1-9"],
    ["three ends", "192.0.2.1-192.0.2.2-192.0.2.3"],
    ["range of blocks", "192.0.2.0/24-192.0.3.0/24"],
  ];
  for (const [label, text] of cases) assertEquals(parseTarget(text), null, `${label}: ${text}`);
});

Deno.test("parseTarget() refuses huge texts at once", () => {
  for (const unit of ["1", "-", "/", "1.2.3.4/", "1.2.3.4-", "1.2.3.0/2"]) {
    assertEquals(parseTarget(unit.repeat(1_000_000)), null, unit);
  }
});

Deno.test("expandTarget() yields every address once, in order", () => {
  assertEquals(expand("192.0.2.7"), ["192.0.2.7"]);
  assertEquals(expand("192.0.2.254-192.0.3.1"), ["192.0.2.254", "192.0.2.255", "192.0.3.0", "192.0.3.1"]);
  assertEquals(expand("192.0.2.6/30"), ["192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7"]);
  assertEquals(expand("255.255.255.254/31"), ["255.255.255.254", "255.255.255.255"]);
  assertEquals(expand("127.255.255.255-128.0.0.0"), ["127.255.255.255", "128.0.0.0"]);
  assertEquals(expand("2001:db8::fffe-2001:db8::1:1"), [
    "2001:db8::fffe",
    "2001:db8::ffff",
    "2001:db8::1:0",
    "2001:db8::1:1",
  ]);
  assertEquals(expand("2001:db8:0:ffff:ffff:ffff:ffff:ffff-2001:db8:1::"), [
    "2001:db8:0:ffff:ffff:ffff:ffff:ffff",
    "2001:db8:1::",
  ]);
});

Deno.test("expandTarget() covers exactly the block", () => {
  const bits = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(bits, fc.integer({ min: 22, max: 32 }), (base, length) => {
      const expanded = [...expandTarget(parseTarget(`${ipv4FromBits(base).text}/${length}`)!)];
      const size = 2 ** (32 - length);
      const first = base - base % size;
      assertEquals(expanded, Array.from({ length: size }, (_, index) => ipv4FromBits(first + index)));
    }),
    { numRuns: 50 },
  );
});

Deno.test("expandTarget() holds no memory while it walks a large span", () => {
  // Kept, so many addresses would take more than 40 MB.
  const cases: readonly (readonly [text: string, steps: number])[] = [
    ["10.0.0.0/8", 1_000_000],
    ["2001:db8::/32", 300_000],
  ];
  for (const [text, steps] of cases) {
    const addresses = expandTarget(parseTarget(text)!);
    for (let i = 0; i < 10_000; i++) assert(!addresses.next().done, text);
    const before = Deno.memoryUsage().heapUsed;
    for (let i = 0; i < steps; i++) assert(!addresses.next().done, text);
    assertLess(Deno.memoryUsage().heapUsed - before, 30_000_000, text);
    addresses.return(undefined);
  }
});

Deno.test("DEFAULT_MAX_SPAN is a /12 of IPv4", () => {
  assertEquals(describeTarget(parseTarget("10.0.0.0/12")), `10.0.0.0 x ${DEFAULT_MAX_SPAN}`);
});
