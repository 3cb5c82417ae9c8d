import { gzipSync } from "node:zlib";
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { unpackGzip } from "./input_gzip.ts";
import { InputUnreadableError } from "./input_unreadable_error.ts";

const encode = (text: string) => new TextEncoder().encode(text);

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

/** What came out before the end or the error. */
async function unpack(bytes: Uint8Array, size = 65_536): Promise<{ bytes: Uint8Array; error: unknown }> {
  const parts: number[][] = [];
  let error: unknown = null;
  try {
    for await (const part of unpackGzip(cut(bytes, size), "log.gz")) parts.push([...part]);
  } catch (thrown) {
    error = thrown;
  }
  return { bytes: new Uint8Array(parts.flat()), error };
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

Deno.test("unpackGzip() passes other bytes through in any pieces", async () => {
  for (const text of ["", "a", "ab", "8.8.8.8\n1.1.1.1\n"]) {
    for (const size of [1, 2, 100]) {
      const { bytes, error } = await unpack(encode(text), size);
      assertEquals([new TextDecoder().decode(bytes), error], [text, null]);
    }
  }
});

Deno.test("unpackGzip() unpacks one member or several, in any pieces", async () => {
  const text = fc.string({ maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(text, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 80 }),
      async (texts, size) => {
        const packed = concat(...texts.map((text) => gzipSync(encode(text))));
        const { bytes, error } = await unpack(packed, size);
        assertEquals(error, null);
        assertEquals(bytes, concat(...texts.map(encode)));
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("unpackGzip() delivers the good part before it tells that the data breaks off", async () => {
  const lines = encode(
    Array.from({ length: 20_000 }, (_, i) => `10.${i % 251}.${i % 241}.${i % 239}`).join("\n"),
  );
  const packed = gzipSync(lines);
  for (const missing of [1, 8, 1000, packed.length - 10]) {
    const { bytes, error } = await unpack(packed.subarray(0, packed.length - missing), 1000);
    assert(error instanceof InputUnreadableError);
    assertEquals(error.message, 'Cannot read "log.gz" to its end: the gzip data breaks off');
    assertEquals(bytes, lines.subarray(0, bytes.length));
    if (missing <= 8) assertEquals(bytes.length, lines.length);
  }
  const half = await unpack(packed.subarray(0, packed.length / 2));
  assert(half.bytes.length > lines.length / 4);
});

Deno.test("unpackGzip() tells damage", async () => {
  const packed = gzipSync(encode("1.1.1.1\n".repeat(1000)));
  packed[packed.length - 6]! ^= 0xff;
  const reading = async () => {
    for await (const _ of unpackGzip(cut(packed, 100), "log.gz"));
  };
  await assertRejects(reading, InputUnreadableError, "the gzip data is damaged");
});

Deno.test("unpackGzip() lets its reader leave early", async () => {
  const packed = gzipSync(encode("1.1.1.1\n".repeat(100_000)));
  for await (const part of unpackGzip(cut(packed, 1000), "log.gz")) {
    assert(part.length > 0);
    break;
  }
});

Deno.test("unpackGzip() takes zeros behind the last member, in any pieces, and nothing behind them", async () => {
  const packed = gzipSync(encode("8.8.8.8\n"));
  const padded = concat(packed, new Uint8Array(1_000));
  for (const size of [1, 7, packed.length, 65_536]) {
    const { bytes, error } = await unpack(padded, size);
    assertEquals([new TextDecoder().decode(bytes), error], ["8.8.8.8\n", null]);
  }
  for (const size of [1, 7, packed.length, packed.length + 20, 65_536]) {
    const { error } = await unpack(concat(padded, encode("more")), size);
    assert(error instanceof InputUnreadableError, `in pieces of ${size}`);
  }
});

Deno.test("unpackGzip() delivers whole members before it tells of garbage behind them, in any pieces", async () => {
  const lines = encode(Array.from({ length: 9_000 }, (_, i) => `10.${i % 251}.${i % 241}.1\n`).join(""));
  const members = concat(gzipSync(lines), gzipSync(encode("8.8.8.8\n")));
  for (const size of [999, 65_536]) {
    const { bytes, error } = await unpack(concat(members, encode("garbage")), size);
    assert(error instanceof InputUnreadableError);
    assertEquals(bytes, concat(lines, encode("8.8.8.8\n")));
  }
});
