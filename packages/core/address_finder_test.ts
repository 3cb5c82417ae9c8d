import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ipv4FromBits, ipv6FromGroups, parseAddress } from "./address.ts";
import { AddressFinder } from "./address_finder.ts";

const encoder = new TextEncoder();

/** The canonical text of the first address in a line and where it stands; null when there is none. */
function findIn(line: string): [address: string, written: string] | null {
  const finder = new AddressFinder();
  const bytes = encoder.encode(line);
  if (!finder.find(bytes, 0, bytes.length)) return null;
  const address = finder.family === 4 ? ipv4FromBits(finder.bits) : ipv6FromGroups(finder.groups);
  return [address.text, new TextDecoder().decode(bytes.subarray(finder.start, finder.end))];
}

const FOUND: readonly (readonly [line: string, address: string, written?: string])[] = [
  ['8.8.8.8 - - [27/Nov/2026:06:41:19 +0000] "GET / HTTP/1.1" 200 3', "8.8.8.8"],
  ["Nov 27 06:41:19 host sshd[1]: Failed password for root from 5.9.1.2 port 22 ssh2", "5.9.1.2"],
  ['{"timestamp":"2026-11-27T06:41:19.1Z","src_ip":"1.2.3.4"}', "1.2.3.4"],
  ["SRC=1.2.3.4 DST=10.0.0.1", "1.2.3.4"],
  ["1.2.3.4:8080", "1.2.3.4"],
  ["from 1.2.3.4: refused", "1.2.3.4"],
  ["It was 1.2.3.4.", "1.2.3.4"],
  ["http://1.2.3.4/x", "1.2.3.4"],
  ["(1.2.3.4)", "1.2.3.4"],
  ["ip:1.2.3.4", "1.2.3.4"],
  ["1.2.3.4/24", "1.2.3.4"],
  ["1.2.3.4,5.6.7.8", "1.2.3.4"],
  ["v 256.1.1.1 then 1.1.1.1", "1.1.1.1"],
  ["01.2.3.4 then 1.1.1.1", "1.1.1.1"],
  ["[2a00:1450::8]:443", "2a00:1450::8"],
  ["from 2A00:1450:0::8: x", "2a00:1450::8", "2A00:1450:0::8"],
  ["::ffff:1.2.3.4 x", "1.2.3.4", "::ffff:1.2.3.4"],
  ["fe80::1%eth0", "fe80::1"],
  ["2001:db8::.", "2001:db8::"],
  ["müller 9.9.9.9", "9.9.9.9"],
  ["来自8.8.8.8的请求", "8.8.8.8"],
  ["\ufeff8.8.8.8 x", "8.8.8.8"],
  [String.raw`{"a":"x\n8.8.8.8"}`, "8.8.8.8"],
  [String.raw`{"a":"\t2001:db8::1\r"}`, "2001:db8::1"],
  [String.raw`{"a":"\u00098.8.8.8"}`, "8.8.8.8"],
];

for (const [line, address, written = address] of FOUND) {
  Deno.test(`AddressFinder.find() finds ${address} in ${JSON.stringify(line)}`, () => {
    assertEquals(findIn(line), [address, written]);
  });
}

const NONE = [
  "",
  "version 1.2.3",
  "1.2.3.4.5",
  "1.2.3.456",
  "host-x1.2.3.4",
  "1.2.3.4x",
  "mail.1.2.3.4.example.com",
  "06:41:19",
  "00:1a:2b:3c:4d:5e",
  "std::vector<int>",
  " :: ",
  String.raw`\m1.2.3.4`,
  "1..2.3.4",
  "dead beef",
  "x2001:db8::1",
  "1".repeat(100),
];

for (const line of NONE) {
  Deno.test(`AddressFinder.find() finds none in ${JSON.stringify(line)}`, () => {
    assertEquals(findIn(line), null);
  });
}

const address = fc.oneof(
  fc.nat(0xffffffff).map(ipv4FromBits),
  fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }).map(ipv6FromGroups),
).map(({ text }) => text);

Deno.test("AddressFinder.find() finds any address between spaces", () => {
  const words = fc.array(fc.constantFrom("GET", "1.2.3", "x:y", "12:30:00", "abc.de", '"-"', "77"));
  fc.assert(fc.property(words, address, words, (before, text, after) => {
    assertEquals(findIn([...before, text, ...after].join(" ")), [text, text]);
  }));
});

Deno.test("AddressFinder.find() finds nothing but addresses, in whatever bytes", () => {
  const character = fc.constantFrom(..."0123456789abcfx.:- \u00e9");
  fc.assert(
    fc.property(fc.array(character, { maxLength: 40 }), (characters) => {
      const found = findIn(characters.join(""));
      if (found !== null) assertEquals(parseAddress(found[1])?.text, found[0]);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("AddressFinder.find() finds the same at the start of a line as in a search, whatever follows", () => {
  const part = fc.constantFrom(
    "1",
    "0",
    "25",
    "255",
    "256",
    "010",
    ".",
    ":",
    " ",
    "x",
    "\n",
    "é",
    "1.2.3.4",
    "::1",
  );
  const behind = fc.constantFrom("\n", " ", "9", ".", ":", "f", "z");
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 9 }), behind, (parts, next) => {
      const line = encoder.encode(parts.join(""));
      const memory = encoder.encode(`${parts.join("")}${next.repeat(20)}`);
      // Without room behind it a line is searched.
      const [quick, slow] = [new AddressFinder(), new AddressFinder()];
      const isFound = slow.find(line, 0, line.length);
      assertEquals(quick.find(memory, 0, line.length), isFound);
      if (isFound) assertEquals({ ...quick }, { ...slow });
    }),
    { numRuns: 2_000 },
  );
});
