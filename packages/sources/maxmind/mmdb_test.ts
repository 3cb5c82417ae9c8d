import { assert, assertEquals, assertThrows } from "@std/assert";
import { EditionUnreadableError, type IpAddress, type Ipv6Address, parseAddress } from "@ipcascade/core";
import {
  buildEdition,
  MMDB_METADATA_MARKER,
  MmdbNumber,
  type MmdbValue,
  MmdbWriter,
} from "@ipcascade/testkit";
import fc from "fast-check";
import { Reader, type Response } from "maxmind";
import { Buffer } from "node:buffer";
import { openMmdb } from "./mmdb.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";

function addressOf(text: string): IpAddress {
  const address = parseAddress(text);
  if (address === null) throw new TypeError(`Cannot use "${text}": no address`);
  return address;
}

/** An IPv6 address of family 6 whatever it is, IPv4-mapped ones included. */
function rawIpv6(groups: readonly number[]): Ipv6Address {
  return { family: 6, text: groups.map((group) => group.toString(16)).join(":"), groups };
}

/** What this reader and npm's `maxmind` say about an address, in that order. */
function askBoth(bytes: Uint8Array): (address: IpAddress) => [unknown, unknown] {
  const mmdb = openMmdb(bytes);
  const oracle = new Reader<Response>(Buffer.from(bytes));
  return (address) => {
    const offset = mmdb.findDataOffset(address);
    return [offset < 0 ? null : mmdb.decode(offset), oracle.get(address.text)];
  };
}

const RECORD_SIZES = [24, 28, 32] as const;

for (const recordSize of RECORD_SIZES) {
  for (const ipVersion of [4, 6] as const) {
    Deno.test(`Mmdb reads records of ${recordSize} bits for IPv${ipVersion} like the maxmind package`, () => {
      const ipv4 = fc.record({ bits: fc.nat(0xffffffff), length: fc.integer({ min: 1, max: 32 }) });
      const values = fc.array(fc.tuple(ipv4, fc.nat(50)), { minLength: 1, maxLength: 40 });
      fc.assert(
        fc.property(values, fc.array(fc.nat(0xffffffff), { maxLength: 20 }), (networks, others) => {
          const writer = new MmdbWriter({ databaseType: "Test", recordSize, ipVersion });
          for (const [{ bits, length }, value] of networks) {
            writer.insertIpv4(bits, length, writer.addRecord({ value, text: `text ${value}` }));
          }
          const ask = askBoth(writer.toBytes());
          const probes = networks.flatMap(([{ bits, length }]) => edgesOf(bits, length)).concat(others);
          for (const bits of probes) {
            const [actual, expected] = ask(ipv4Of(bits));
            assertEquals(actual, expected);
          }
        }),
        { numRuns: 60 },
      );
    });
  }

  Deno.test(`Mmdb reads IPv6 records of ${recordSize} bits like the maxmind package`, () => {
    const group = fc.oneof(fc.constantFrom(0, 1, 0x2001, 0x2002, 0xffff), fc.nat(0xffff));
    const groups = fc.array(group, { minLength: 8, maxLength: 8 });
    const network = fc.record({ groups, length: fc.integer({ min: 1, max: 128 }), value: fc.nat(50) });
    fc.assert(
      fc.property(
        fc.array(network, { minLength: 1, maxLength: 20 }),
        fc.array(groups),
        (networks, others) => {
          const writer = new MmdbWriter({ databaseType: "Test", recordSize, aliases: false });
          for (const { groups, length, value } of networks) {
            writer.insertRecord(bytesOf(groups), length, writer.addRecord({ value }));
          }
          const ask = askBoth(writer.toBytes());
          for (const probe of [...networks.map((one) => one.groups), ...others]) {
            const [actual, expected] = ask(rawIpv6(probe));
            assertEquals(actual, expected);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
}

function ipv4Of(bits: number): IpAddress {
  const text = [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
  return { family: 4, text, bits };
}

/** First and last address of a network, and their neighbours outside. */
function edgesOf(bits: number, length: number): number[] {
  const mask = length === 32 ? 0 : 0xffffffff >>> length;
  const first = (bits & ~mask) >>> 0;
  const last = (bits | mask) >>> 0;
  return [first, last, bits, (first - 1) >>> 0, (last + 1) >>> 0];
}

function bytesOf(groups: readonly number[]): Uint8Array {
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

Deno.test("Mmdb.findDataOffset() follows MaxMind's aliases to the IPv4 tree", () => {
  const writer = new MmdbWriter({ databaseType: "Test" })
    .insert("1.2.3.0/24", { name: "four" })
    .insert("2a00::/16", { name: "six" });
  const mmdb = openMmdb(writer.toBytes());
  const offset = mmdb.findDataOffset(addressOf("1.2.3.4"));
  assertEquals(mmdb.decode(offset), { name: "four" });
  const aliases = [
    ["IPv4-mapped", [0, 0, 0, 0, 0, 0xffff, 0x0102, 0x0304]],
    ["6to4", [0x2002, 0x0102, 0x0304, 5, 6, 7, 8, 9]],
    ["IPv4-compatible", [0, 0, 0, 0, 0, 0, 0x0102, 0x0304]],
  ] as const;
  for (const [label, groups] of aliases) assertEquals(mmdb.findDataOffset(rawIpv6(groups)), offset, label);
  assertEquals(mmdb.findDataOffset(rawIpv6([0, 0, 0, 0, 0, 0xffff, 0x0102, 0x0404])), -1);
  assertEquals(mmdb.decode(mmdb.findDataOffset(addressOf("2a00::1"))), { name: "six" });
});

Deno.test("Mmdb.findDataOffset() finds no IPv6 address in an IPv4 database", () => {
  const writer = new MmdbWriter({ databaseType: "Test", ipVersion: 4 }).insert("0.0.0.0/1", { a: 1 });
  const mmdb = openMmdb(writer.toBytes());
  assertEquals(mmdb.findDataOffset(addressOf("::1")), -1);
  assertEquals(mmdb.findDataOffset(addressOf("2001:db8::")), -1);
  assertEquals(mmdb.findDataOffset(addressOf("1.1.1.1")), 0);
});

Deno.test("Mmdb.findDataOffset() gives IPv4 what covers ::/96 where the tree ends above it", () => {
  const bytes = new MmdbWriter({ databaseType: "Test", aliases: false }).insert("::/64", { a: 1 }).toBytes();
  const [actual, expected] = askBoth(bytes)(addressOf("1.2.3.4"));
  assertEquals([actual, expected], [{ a: 1 }, { a: 1 }]);
});

Deno.test("openMmdb() reads bytes in the middle of a larger buffer", () => {
  const bytes = buildEdition("GeoLite2-City");
  const larger = new Uint8Array(bytes.length + 100).fill(0xab);
  larger.set(bytes, 50);
  const mmdb = openMmdb(larger.subarray(50, 50 + bytes.length));
  const [, expected] = askBoth(bytes)(addressOf("8.8.8.8"));
  assertEquals(mmdb.decode(mmdb.findDataOffset(addressOf("8.8.8.8"))), expected as MmdbValue);
});

Deno.test("openMmdb() takes the last marker when the data holds another", () => {
  const marker = MMDB_METADATA_MARKER;
  const writer = new MmdbWriter({ databaseType: "Test" }).insert("1.0.0.0/8", { marker, other: "text" });
  const mmdb = openMmdb(writer.toBytes());
  assertEquals(mmdb.decode(mmdb.findDataOffset(addressOf("1.1.1.1"))), { marker, other: "text" });
});

Deno.test("openMmdb() tells the metadata", () => {
  const bytes = buildEdition("GeoLite2-ASN", { buildEpoch: 1_763_596_800 });
  const { nodeCount, ...rest } = openMmdb(bytes).metadata;
  assertEquals(rest, {
    databaseType: "GeoLite2-ASN",
    buildEpoch: 1_763_596_800,
    ipVersion: 6,
    recordSize: 24,
  });
  assertEquals(nodeCount, new Reader<Response>(Buffer.from(bytes)).metadata.nodeCount);
});

const TREE_OF_ONE_NODE = [0, 0, 1, 0, 0, 17];

/** A database of one node and one empty map, with other metadata and bytes around it. */
function handMade(options: {
  readonly metadata?: Readonly<Record<string, MmdbValue | undefined>>;
  readonly separator?: readonly number[];
  readonly tree?: readonly number[];
}): Uint8Array {
  const { metadata, separator = new Array<number>(16).fill(0), tree = TREE_OF_ONE_NODE } = options;
  const fields: Record<string, MmdbValue | undefined> = {
    binary_format_major_version: new MmdbNumber("uint16", 2),
    binary_format_minor_version: new MmdbNumber("uint16", 0),
    build_epoch: new MmdbNumber("uint64", 1_763_596_800),
    database_type: "Test",
    ip_version: new MmdbNumber("uint16", 4),
    node_count: new MmdbNumber("uint32", 1),
    record_size: new MmdbNumber("uint16", 24),
    ...metadata,
  };
  return Uint8Array.of(...tree, ...separator, 0xe0, ...MMDB_METADATA_MARKER, ...encodeMap(fields));
}

/** The metadata's map, taken from a database that holds it as its only record. */
function encodeMap(fields: Readonly<Record<string, MmdbValue | undefined>>): Uint8Array {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  const parts = entries.map(([key, value]) => [...encodeOne(key), ...encodeOne(value!)]);
  return Uint8Array.of(0xe0 | entries.length, ...parts.flat());
}

function encodeOne(value: MmdbValue): Uint8Array {
  const writer = new MmdbWriter({ databaseType: "x", ipVersion: 4, recordSize: 32 }).insert(
    "0.0.0.0/1",
    value,
  );
  const bytes = writer.toBytes();
  const { dataStart, dataBytes } = writer.layout;
  return bytes.subarray(dataStart, dataStart + dataBytes);
}

Deno.test("openMmdb() opens the smallest database", () => {
  const mmdb = openMmdb(handMade({ tree: [0, 0, 1, 0, 0, 17] }));
  assertEquals([mmdb.findDataOffset(addressOf("1.1.1.1")), mmdb.findDataOffset(addressOf("129.1.1.1"))], [
    -1,
    0,
  ]);
});

function withZeros(bytes: Uint8Array, count: number): Uint8Array {
  const longer = new Uint8Array(bytes.length + count);
  longer.set(bytes);
  return longer;
}

const UNREADABLE: readonly (readonly [label: string, bytes: Uint8Array, state: string])[] = [
  ["nothing", new Uint8Array(), "no metadata"],
  ["HTML", new TextEncoder().encode("<!DOCTYPE html><title>Log in</title>"), "no metadata"],
  ["half a database", buildEdition("GeoLite2-City").slice(0, 20_000), "no metadata"],
  ["a marker alone", MMDB_METADATA_MARKER, "metadata is damaged"],
  ["metadata alone", handMade({}).slice(23), "does not fit"],
  ["metadata that is a text", Uint8Array.of(...MMDB_METADATA_MARKER, 0x41, 97), "metadata is not a map"],
  ["metadata that is a list", Uint8Array.of(...MMDB_METADATA_MARKER, 0, 4), "metadata is not a map"],
  ["metadata that is cut off", handMade({}).slice(0, -1), "metadata is damaged"],
  [
    "metadata that is too far from the end",
    withZeros(handMade({}), 131_072),
    "no metadata",
  ],
  [
    "format 1",
    handMade({ metadata: { binary_format_major_version: 1 } }),
    "binary_format_major_version is 1",
  ],
  ["no format", handMade({ metadata: { binary_format_major_version: undefined } }), "is missing"],
  ["no type", handMade({ metadata: { database_type: undefined } }), "database_type is missing"],
  ["an empty type", handMade({ metadata: { database_type: "" } }), 'database_type is ""'],
  ["a type that is a number", handMade({ metadata: { database_type: 7 } }), "database_type is 7"],
  ["records of 16 bits", handMade({ metadata: { record_size: 16 } }), "record_size is 16"],
  ["records of a text", handMade({ metadata: { record_size: "28" } }), 'record_size is "28"'],
  ["IP version 5", handMade({ metadata: { ip_version: 5 } }), "ip_version is 5, expected 4 or 6"],
  ["no nodes", handMade({ metadata: { node_count: 0 } }), "node_count is 0"],
  ["negative nodes", handMade({ metadata: { node_count: -1 } }), "node_count is -1"],
  ["a node too many", handMade({ metadata: { node_count: 2 } }), "does not fit"],
  ["four billion nodes", handMade({ metadata: { node_count: 0xffffffff } }), "does not fit"],
  ["no build epoch", handMade({ metadata: { build_epoch: undefined } }), "build_epoch is missing"],
  ["build epoch 0", handMade({ metadata: { build_epoch: 0 } }), "build_epoch is 0"],
  [
    "a build epoch in the far future",
    handMade({ metadata: { build_epoch: 1n << 63n } }),
    "build_epoch is 9223",
  ],
  ["a build epoch with a fraction", handMade({ metadata: { build_epoch: 1.5 } }), "build_epoch is 1.5"],
  ["a list as build epoch", handMade({ metadata: { build_epoch: [1] } }), "not a number or text"],
  [
    "a separator that is not zero",
    handMade({ separator: [...new Array<number>(15).fill(0), 1] }),
    "no separator",
  ],
  ["no separator", handMade({ separator: [] }), "does not fit"],
];

for (const [label, bytes, state] of UNREADABLE) {
  Deno.test(`openMmdb() refuses ${label}`, () => {
    const error = assertThrows(() => openMmdb(bytes), EditionUnreadableError, state);
    assert(error.message.startsWith("Cannot open MaxMind database: "), error.message);
  });
}

Deno.test("Mmdb.findDataOffset() throws where a record leads into the separator or out of the data", () => {
  // One node, so that 1 is "nothing", 2 to 16 are invalid and 17 is the data section's only byte.
  const cases = [[1, -1], [2, null], [9, null], [16, null], [17, 0], [18, null], [0xffffff, null]] as const;
  for (const [record, offset] of cases) {
    const mmdb = openMmdb(handMade({ tree: [0, 0, 1, record >>> 16, (record >>> 8) & 255, record & 255] }));
    const find = () => mmdb.findDataOffset(addressOf("200.0.0.1"));
    if (offset === null) assertThrows(find, MmdbCorruptError, `record ${record} leads outside`);
    else assertEquals(find(), offset, `record ${record}`);
    assertEquals(mmdb.findDataOffset(addressOf("100.0.0.1")), -1);
  }
});

Deno.test("Mmdb.findDataOffset() throws where the tree leads back to its root", () => {
  for (const recordSize of RECORD_SIZES) {
    const left = new Array<number>(recordSize / 8 | 0).fill(0);
    const tree = recordSize === 28 ? [0, 0, 0, 0, 0, 0, 0] : [...left, ...left];
    const mmdb = openMmdb(handMade({ tree, metadata: { record_size: recordSize } }));
    assertThrows(() => mmdb.findDataOffset(addressOf("1.2.3.4")), MmdbCorruptError, "leads back to its root");
  }
});

Deno.test("Mmdb.findDataOffset() throws where the IPv6 tree leads back to its root", () => {
  const mmdb = openMmdb(handMade({ tree: new Array<number>(6).fill(0), metadata: { ip_version: 6 } }));
  assertThrows(() => mmdb.findDataOffset(addressOf("1.2.3.4")), MmdbCorruptError);
  assertThrows(() => mmdb.findDataOffset(addressOf("2001:db8::1")), MmdbCorruptError);
});

Deno.test("Mmdb.findDataOffset() throws where the tree has a circle below the root", () => {
  // Node 1 leads to itself.
  const tree = [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1];
  for (const ipVersion of [4, 6]) {
    const mmdb = openMmdb(handMade({ tree, metadata: { node_count: 2, ip_version: ipVersion } }));
    assertThrows(() => mmdb.findDataOffset(addressOf("1.2.3.4")), MmdbCorruptError, "deeper than an address");
  }
  const ipv6 = openMmdb(handMade({ tree, metadata: { node_count: 2, ip_version: 6 } }));
  assertThrows(
    () => ipv6.findDataOffset(addressOf("2001:db8::1")),
    MmdbCorruptError,
    "deeper than an address",
  );
});
