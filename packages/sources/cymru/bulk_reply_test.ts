import { assert, assertEquals, assertFalse, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { createBulkReply, readBulkLine } from "./bulk_reply.ts";
import { mergeOrigins } from "./origin.ts";

const encode = (text: string) => new TextEncoder().encode(text);
/** Each character as one byte. */
const encodeLatin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const ROW =
  "23028   | 216.90.108.31    | 216.90.108.0/24     | US | arin     | 1998-09-25 | TEAMCYMRU - SAUNET";

Deno.test("readBulkLine() reads a row", () => {
  const line = readBulkLine(encode(ROW));
  assert(line.kind === "origin");
  assertEquals(line.address.text, "216.90.108.31");
  assertEquals(mergeOrigins([line.origin]), {
    asn: 23028,
    asns: [23028],
    asn_org: "TEAMCYMRU - SAUNET",
    country_code: "US",
    registry: "arin",
    prefix: "216.90.108.0/24",
    allocated: "1998-09-25",
  });
});

for (
  const [label, bytes, name] of [
    ["UTF-8", encode("1 | 192.0.2.1 | 192.0.2.0/24 | DE | ripencc | | UNIVERSITÄT, DE"), "UNIVERSITÄT, DE"],
    [
      "Latin-1",
      encodeLatin1("1 | 192.0.2.1 | 192.0.2.0/24 | DE | ripencc | | UNIVERSITÄT, DE"),
      "UNIVERSITÄT, DE",
    ],
    ["bars", encode("1 | 192.0.2.1 | 192.0.2.0/24 | DE | ripencc | | FINE | PIPE, DE"), "FINE | PIPE, DE"],
    ["a carriage return", encode("1 | 192.0.2.1 | 192.0.2.0/24 | DE | ripencc | | NAME\r"), "NAME"],
    ["nothing", encode("1 | 192.0.2.1 | 192.0.2.0/24 | DE | ripencc | |"), null],
  ] as const
) {
  Deno.test(`readBulkLine() reads a name of ${label}`, () => {
    const line = readBulkLine(bytes);
    assert(line.kind === "origin");
    assertStrictEquals(line.origin.asnOrg, name);
  });
}

for (
  const [echo, text] of [
    ["2A02:0:0::1", "2a02::1"],
    ["2a02:0000:0000:0000:0000:0000:0000:0001", "2a02::1"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
  ] as const
) {
  Deno.test(`readBulkLine() understands the echo ${echo}`, () => {
    const line = readBulkLine(encode(`1 | ${echo} | NA | DE | ripencc | | NAME`));
    assert(line.kind === "origin");
    assertEquals(line.address.text, text);
  });
}

for (
  const [kind, text] of [
    ["notice", ""],
    ["notice", "Bulk mode; whois.cymru.com [2026-11-23 12:00:00 +0000]"],
    ["notice", "AS      | IP               | BGP Prefix          | CC | Registry | Allocated  | AS Name"],
    ["rejected", "Error: no ASN or IP match on line 3."],
    ["garbage", "Error: you ask too much"],
    ["garbage", "<html>"],
    ["garbage", "23028 | 216.90.108.31 | 216.90.108.0/24"],
    ["garbage", "23028 | 216.90.108.256 | 216.90.108.0/24 | US | arin | 1998-09-25 | NAME"],
    ["garbage", "AS23028 | 216.90.108.31 | 216.90.108.0/24 | US | arin | 1998-09-25 | NAME"],
  ] as const
) {
  Deno.test(`readBulkLine() takes "${text}" for ${kind}`, () => {
    assertEquals(readBulkLine(encode(text)).kind, kind);
  });
}

Deno.test("readBulkLine() reads NA as an answer without origin", () => {
  const line = readBulkLine(
    encode("NA      | 10.0.0.1         | NA                  |    | other    |            | NA"),
  );
  assert(line.kind === "origin");
  assertStrictEquals(mergeOrigins([line.origin]), null);
});

Deno.test("push() counts what it can't use and keeps rows of the addresses asked for only", () => {
  const reply = createBulkReply(new Set(["216.90.108.31", "192.0.2.9"]));
  const foreign = ROW.replace("216.90.108.31", "216.90.108.32");
  assert(reply.push(encode(`Bulk mode; x\n${ROW}\n${foreign}\n<p>\nError: no ASN or IP match on line 4.\n`)));
  assertEquals([...reply.origins.keys()], ["216.90.108.31"]);
  assertEquals([reply.garbageCount, reply.rejectedCount], [2, 1]);
});

Deno.test("push() gives no answer from a row whose end has not come", () => {
  const reply = createBulkReply(new Set(["216.90.108.31"]));
  assert(reply.push(encode(ROW.slice(0, -3))));
  assertEquals(reply.origins.size, 0);
  assert(reply.push(encode(`${ROW.slice(-3)}\n`)));
  assertEquals(reply.origins.get("216.90.108.31")?.[0]?.asnOrg, "TEAMCYMRU - SAUNET");
});

Deno.test("push() ends at a line of more than 4 KiB and keeps the rows before it", () => {
  const reply = createBulkReply(new Set(["216.90.108.31"]));
  assert(reply.push(encode(`${ROW}\n${"x".repeat(4096)}`)));
  assertFalse(reply.push(encode("x")));
  assertEquals(reply.origins.size, 1);
});

Deno.test("push() ends at more bytes than the addresses can need", () => {
  const reply = createBulkReply(new Set(["216.90.108.31"]));
  const block = encode(`${ROW}\n`.repeat(100));
  let blocks = 0;
  while (blocks < 1000 && reply.push(block)) blocks++;
  assert(blocks > 1 && blocks < 20, `${blocks} blocks of ${block.length} bytes were taken`);
});

const row = fc.record({
  asn: fc.integer({ min: 1, max: 5 }),
  host: fc.integer({ min: 0, max: 9 }),
  bits: fc.constantFrom(16, 24),
  name: fc.constantFrom("PLAIN", "UNIVERSITÄT", "A | B", ""),
  pads: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 7, maxLength: 7 }),
  isLatin1: fc.boolean(),
});

function writeRow(
  { asn, host, bits, name, pads, isLatin1 }: typeof row extends fc.Arbitrary<infer T> ? T : never,
) {
  const columns = [
    `${asn}`,
    `192.0.2.${host}`,
    `192.0.${bits === 24 ? 2 : 0}.0/${bits}`,
    "DE",
    "ripencc",
    "",
    name,
  ];
  const text = `${columns.map((column, index) => column.padEnd(column.length + pads[index]!)).join(" | ")}\n`;
  return isLatin1 ? encodeLatin1(text) : encode(text);
}

Deno.test("createBulkReply() reads the same from rows in any order, repeated, padded and cut anywhere", () => {
  const hosts = Array.from({ length: 10 }, (_, host) => `192.0.2.${host}`);
  const read = (lines: readonly Uint8Array[], size: number) => {
    const reply = createBulkReply(new Set(hosts));
    const bytes = Uint8Array.from(lines.flatMap((line) => Array.from(line)));
    for (let start = 0; start < bytes.length; start += size) {
      assert(reply.push(bytes.subarray(start, start + size)));
    }
    assertEquals(reply.garbageCount, 0);
    return hosts.map((host) => mergeOrigins(reply.origins.get(host) ?? []));
  };
  const replies = fc.array(row, { maxLength: 15 }).chain((rows) => {
    const doubled = [...rows, ...rows];
    const size = { minLength: doubled.length, maxLength: doubled.length };
    return fc.tuple(fc.constant(rows), fc.shuffledSubarray(doubled, size), fc.integer({ min: 1, max: 200 }));
  });
  fc.assert(fc.property(replies, ([rows, shuffled, size]) => {
    assertEquals(read(shuffled.map(writeRow), size), read(rows.map(writeRow), 10_000));
  }));
});
