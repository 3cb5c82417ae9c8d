import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { Reader, type Response } from "maxmind";
import { MmdbNumber, type MmdbValue, MmdbWriter } from "./mmdb_writer.ts";

function open(writer: MmdbWriter): Reader<Response> {
  return new Reader<Response>(Buffer.from(writer.toBytes()));
}

function get(reader: Reader<Response>, address: string): unknown {
  return reader.get(address);
}

for (const recordSize of [24, 28, 32] as const) {
  for (const ipVersion of [4, 6] as const) {
    Deno.test(`MmdbWriter writes records of ${recordSize} bits for IPv${ipVersion}`, () => {
      const writer = new MmdbWriter({
        databaseType: "Test",
        recordSize,
        ipVersion,
        buildEpoch: 1_700_000_000,
      })
        .insert("1.0.0.0/8", { name: "wide" })
        .insert("1.2.3.0/24", { name: "narrow" })
        .insert("200.0.0.1/32", { name: "one" })
        .insert("200.0.0.1/32", { name: "replaced" });
      const reader = open(writer);
      assertEquals(get(reader, "1.2.3.255"), { name: "narrow" });
      assertEquals(get(reader, "1.2.4.0"), { name: "wide" });
      assertEquals(get(reader, "1.255.255.255"), { name: "wide" });
      assertEquals(get(reader, "2.0.0.0"), null);
      assertEquals(get(reader, "200.0.0.1"), { name: "replaced" });
      assertEquals(get(reader, "200.0.0.0"), null);
      assertEquals(reader.metadata.recordSize, recordSize);
      assertEquals(reader.metadata.ipVersion, ipVersion);
      assertEquals(reader.metadata.databaseType, "Test");
      assertEquals(reader.metadata.buildEpoch, new Date(1_700_000_000_000));
      assertEquals(reader.metadata.nodeCount, writer.layout.nodeCount);
    });
  }
}

Deno.test("MmdbWriter writes every type of value", () => {
  const value: MmdbValue = {
    text: "naïve – 日本",
    long_text: "x".repeat(300),
    longest_text: "y".repeat(70_000),
    empty: "",
    whole: 4_294_967_295,
    zero: 0,
    negative: -5,
    fraction: -12.25,
    whole_double: new MmdbNumber("double", 37),
    latitude: 37,
    small: new MmdbNumber("uint16", 513),
    large: 12_345_678_901n,
    yes: true,
    no: false,
    list: ["a", "b", { c: ["deep"] }],
    nothing: undefined,
  };
  const found = get(open(new MmdbWriter({ databaseType: "Test" }).insert("9.9.9.9", value)), "9.9.9.9");
  assertEquals<unknown>(found, {
    text: "naïve – 日本",
    long_text: "x".repeat(300),
    longest_text: "y".repeat(70_000),
    empty: "",
    whole: 4_294_967_295,
    zero: 0,
    negative: -5,
    fraction: -12.25,
    whole_double: 37,
    latitude: 37,
    small: 513,
    large: 12_345_678_901n,
    yes: true,
    no: false,
    list: ["a", "b", { c: ["deep"] }],
  });
});

Deno.test("MmdbWriter puts IPv4 under ::/96 and its aliases", () => {
  const reader = open(
    new MmdbWriter({ databaseType: "Test" })
      .insert("1.2.3.0/24", { name: "v4" })
      .insert("2001:db8::/32", { name: "v6" }),
  );
  assertEquals(get(reader, "::1.2.3.4"), { name: "v4" });
  assertEquals(get(reader, "::ffff:1.2.3.4"), { name: "v4" });
  assertEquals(get(reader, "2002:102:304::1"), { name: "v4" });
  assertEquals(get(reader, "2001:db8:1::"), { name: "v6" });
  assertEquals(get(reader, "2001:db9::"), null);
  const bare = open(
    new MmdbWriter({ databaseType: "Test", aliases: false }).insert("1.2.3.0/24", { name: "v4" }),
  );
  assertEquals(get(bare, "2002:102:304::1"), null);
});

Deno.test("MmdbWriter writes equal values once", () => {
  const country = () => ({ iso_code: "DE", names: { en: "Germany" } });
  const writer = new MmdbWriter({ databaseType: "Test" });
  writer.insert("1.0.0.0/24", { country: country(), city: "A" });
  writer.insert("1.0.1.0/24", { country: country(), city: "B" });
  writer.insert("1.0.2.0/24", { country: country(), city: "A" });
  const bytes = writer.toBytes();
  assertEquals(new TextDecoder("latin1").decode(bytes).split("Germany").length - 1, 1);
  const first = writer.addRecord({ country: country(), city: "A" });
  assertEquals(first, 0);
  assertLess(writer.layout.dataBytes, 80);
});

Deno.test("MmdbWriter leaves out nodes that a later network cut off", () => {
  const cut = new MmdbWriter({ databaseType: "T" }).insert("1.2.3.4/32", "deep").insert("1.0.0.0/8", "wide");
  const plain = new MmdbWriter({ databaseType: "T" }).insert("1.0.0.0/8", "wide");
  cut.toBytes();
  plain.toBytes();
  assertEquals(cut.layout.nodeCount, plain.layout.nodeCount);
});

Deno.test("MmdbWriter covers all of IPv4 with a prefix of length zero", () => {
  const reader = open(new MmdbWriter({ databaseType: "T", ipVersion: 4 }).insert("0.0.0.0/0", { all: true }));
  assertEquals(get(reader, "255.1.2.3"), { all: true });
  assertEquals(get(reader, "0.1.2.3"), { all: true });
});

Deno.test("MmdbWriter agrees with a plain search on networks inserted at random", () => {
  const writer = new MmdbWriter({ databaseType: "T", ipVersion: 4, recordSize: 24 });
  const networks: { start: number; length: number; id: number }[] = [];
  let state = 12345;
  const next = () => state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  for (let id = 0; id < 2000; id++) {
    const length = 8 + next() % 25;
    const start = length === 32 ? next() : (next() >>> (32 - length)) * 2 ** (32 - length);
    writer.insertIpv4(start, length, writer.addRecord({ id }));
    networks.push({ start, length, id });
  }
  const reader = open(writer);
  let hits = 0;
  for (let probe = 0; probe < 2000; probe++) {
    const address = next();
    const last = networks.findLast(({ start, length }) =>
      address >= start && address < start + 2 ** (32 - length)
    );
    const dotted = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
    assertEquals(get(reader, dotted), last === undefined ? null : { id: last.id }, dotted);
    if (last !== undefined) hits++;
  }
  assert(hits > 200);
});

Deno.test("MmdbWriter refuses what it cannot write", () => {
  const writer = new MmdbWriter({ databaseType: "T", ipVersion: 4 });
  assertThrows(() => writer.insert("2001:db8::/32", "x"), TypeError, "IPv6");
  assertThrows(() => writer.layout, Error, "not written");
  writer.insert("1.0.0.0/8", "x").toBytes();
  assertThrows(() => writer.insert("2.0.0.0/8", "x"), Error, "already written");
});

Deno.test("MmdbWriter writes, changes and leaves out what the metadata says", () => {
  const metadata = { languages: undefined, node_count: 3, extra: "x" };
  const bytes = new MmdbWriter({ databaseType: "Test", metadata }).insert("1.0.0.0/8", { a: 1 }).toBytes();
  const text = new TextDecoder("latin1").decode(bytes);
  assertEquals(["languages", "node_count\xc1\x03", "extraAx"].map((part) => text.includes(part)), [
    false,
    true,
    true,
  ]);
});
