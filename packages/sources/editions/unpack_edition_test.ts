import { gzipSync } from "node:zlib";
import {
  buildEdition,
  concatBytes,
  FakeRandom,
  TAR_HOSTILITIES,
  type TarEntry,
  writeEditionTar,
  writeTar,
} from "@ipcascade/testkit";
import { packTar } from "modern-tar";
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import fc from "fast-check";
import { cut, EDITION, unpack } from "./_test_unpack.ts";

const DATABASE = buildEdition(EDITION);
const TAR = writeEditionTar({ edition: EDITION, date: "20261120", database: DATABASE });
const ARCHIVE = gzipSync(TAR);
const MIB = 1_048_576;

const file = (name: string, content: Uint8Array | string = DATABASE): TarEntry => ({ name, content });
const packed = (...entries: readonly TarEntry[]) => gzipSync(writeTar(entries));

Deno.test("unpackEdition() takes the database out of each form, in any pieces", async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 6 });
  const forms = fc.constantFrom(
    ["mmdb", DATABASE] as const,
    ["mmdb.gz", gzipSync(DATABASE)] as const,
    [
      "tar.gz",
      ARCHIVE,
    ] as const,
  );
  await fc.assert(
    fc.asyncProperty(forms, sizes, async ([form, bytes], sizes) => {
      const unpacked = await unpack(bytes, { form, sizes });
      assertEquals(unpacked.error, null);
      assertEquals(unpacked.bytes, DATABASE);
    }),
    { numRuns: 60 },
  );
});

Deno.test("unpackEdition() finds the database among members of any size and pieces of any size", async () => {
  const text = fc.record({
    name: fc.constantFrom("a/COPYRIGHT.txt", "LICENSE.txt", "./README", "a/b/c.csv"),
    content: fc.uint8Array({ maxLength: 3_000 }),
  });
  const sizes = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(text, { maxLength: 5 }),
      fc.array(text, { maxLength: 5 }),
      fc.uint8Array({ minLength: 1, maxLength: 60_000 }),
      sizes,
      async (before, after, database, sizes) => {
        const bytes = packed(...before, file(`x/${EDITION}.mmdb`, database), ...after);
        const unpacked = await unpack(bytes, { sizes });
        assertEquals(unpacked.error, null);
        assertEquals(unpacked.bytes, database);
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("unpackEdition() takes several gzip members and zeros behind them", async () => {
  const half = TAR.length >> 1;
  const members = concatBytes([
    gzipSync(TAR.subarray(0, half)),
    gzipSync(TAR.subarray(half)),
    new Uint8Array(99),
  ]);
  assertEquals((await unpack(members)).bytes, DATABASE);
});

Deno.test("unpackEdition() waits for its sink", async () => {
  let running = 0;
  let calls = 0;
  const sink = async () => {
    assertEquals(++running, 1);
    calls++;
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
  };
  const { error } = await unpack(ARCHIVE, { sizes: [500], sink });
  assertEquals([error, running], [null, 0]);
  assert(calls > 1);
});

for (const hostility of TAR_HOSTILITIES) {
  Deno.test(`unpackEdition() refuses an archive that is hostile: ${hostility}`, async () => {
    const bytes = gzipSync(
      writeEditionTar({ edition: EDITION, date: "20261120", database: DATABASE }, hostility),
    );
    const { failure, message } = await unpack(bytes);
    assertEquals(failure, "archive", message);
  });
}

const CORRUPT_HEADER = (() => {
  const tar = TAR.slice();
  tar[3]! ^= 1;
  return gzipSync(tar);
})();

for (
  const [label, bytes, words] of [
    ["nothing", new Uint8Array(0), /it is empty$/],
    ["one byte", new Uint8Array([0x1f]), /no gzip archive/],
    ["a page", new TextEncoder().encode("  <!DOCTYPE html><p>log in"), /it begins with <!DOCTYPE$/],
    ["a page with a mark of order", new TextEncoder().encode("\ufeff<html>"), /it begins with <html$/],
    ["text", new TextEncoder().encode("key 0815 is over"), /it begins with text$/],
    ["a zip file", new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), /it begins with the bytes 50 4b 03 04$/],
    ["a bare tar", TAR, /no gzip archive/],
    ["compressed nothing", gzipSync(new Uint8Array(0)), /./],
    ["compressed text", gzipSync("<html>".repeat(300)), /damaged/],
    ["a gzip with text behind it", concatBytes([ARCHIVE, new TextEncoder().encode("and more")]), /damaged/],
    [
      "a tar with text behind it",
      gzipSync(concatBytes([TAR, new TextEncoder().encode("and more")])),
      /damaged/,
    ],
    ["a tar without its end", gzipSync(TAR.subarray(0, TAR.length - 1024)), /damaged/],
    ["a tar with a damaged header", CORRUPT_HEADER, /damaged/],
    ["an empty archive", packed(), /no database$/],
    ["an empty database", packed(file(`${EDITION}.mmdb`, "")), /is empty$/],
    ["a database of another case", packed(file(`${EDITION}.MMDB`)), /another edition$/],
    ["a database whose name ends alike", packed(file(`x/My-${EDITION}.mmdb`)), /another edition$/],
    [
      "another edition besides",
      packed(file(`${EDITION}.mmdb`), file("GeoLite2-ASN.mmdb")),
      /another edition$/,
    ],
    [
      "another edition before",
      packed(file("GeoLite2-ASN.mmdb"), file(`${EDITION}.mmdb`)),
      /another edition$/,
    ],
    ["a folder of that name", packed({ name: `${EDITION}.mmdb/`, type: "directory" }), /no database$/],
    [
      "a link beside",
      packed(file(`${EDITION}.mmdb`), { name: "x", type: "symlink", target: "/" }),
      /a symlink$/,
    ],
    ["dots in the middle", packed(file(`a/../../${EDITION}.mmdb`)), /leads out/],
    ["dots of Windows", packed(file(`a\\..\\${EDITION}.mmdb`)), /leads out/],
    ["a drive", packed(file(`C:\\${EDITION}.mmdb`)), /leads out/],
    ["text that leads out", packed(file("../x.txt", "x"), file(`${EDITION}.mmdb`)), /leads out/],
    [
      "many members",
      packed(...Array.from({ length: 65 }, (_, i) => file(`${i}.txt`, "x"))),
      /more than 64 members$/,
    ],
  ] as const
) {
  Deno.test(`unpackEdition() refuses ${label}`, async () => {
    for (const sizes of [[65_536], [7, 400]]) {
      const { failure, message } = await unpack(bytes, { sizes });
      assertEquals(failure, "archive", message);
      assertMatch(message, words);
      assertMatch(message, /^Cannot download edition "GeoLite2-City": [ -~]+[^.]$/);
    }
  });
}

/** An archive whose database is a member of another type. */
function retype(flag: string): Uint8Array {
  const tar = writeTar([file(`${EDITION}.mmdb`)]);
  tar[156] = flag.charCodeAt(0);
  tar.fill(0x20, 148, 156);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return gzipSync(tar);
}

for (
  const [flag, type] of [["1", "link"], ["2", "symlink"], ["3", "character-device"], ["6", "fifo"]] as const
) {
  Deno.test(`unpackEdition() refuses a database that is a ${type}`, async () => {
    const { failure, message } = await unpack(retype(flag));
    assertEquals(failure, "archive");
    assertMatch(message, new RegExp(`no file but a ${type}$`));
  });
}

Deno.test("unpackEdition() looks at the names that count, of pax headers too", async () => {
  const archive = async (path: string) => {
    const header = { name: "x", size: DATABASE.length, pax: { path } };
    return gzipSync(await packTar([{ header, body: DATABASE }]));
  };
  assertEquals((await unpack(await archive(`${"long/".repeat(60)}${EDITION}.mmdb`))).bytes, DATABASE);
  for (const path of [`../${EDITION}.mmdb`, `/tmp/${EDITION}.mmdb`, `a/../../${EDITION}.mmdb`]) {
    assertMatch((await unpack(await archive(path))).message, /leads out of the archive$/);
  }
});

for (const form of ["mmdb", "mmdb.gz"] as const) {
  Deno.test(`unpackEdition() refuses what is no ${form}`, async () => {
    for (const text of ["", "<html>", "not found"]) {
      const bytes = new TextEncoder().encode(text);
      assertEquals((await unpack(bytes, { form })).failure, "archive");
      assertEquals((await unpack(gzipSync(bytes), { form })).failure, "archive", text);
    }
  });
}

Deno.test("unpackEdition() refuses an archive that is cut, wherever it is", async () => {
  const random = new FakeRandom(7);
  for (const [form, bytes] of [["tar.gz", ARCHIVE], ["mmdb.gz", gzipSync(DATABASE)]] as const) {
    for (let count = 0; count < 50; count++) {
      const end = Math.floor(random.next() * bytes.length);
      const { failure, message } = await unpack(bytes.subarray(0, end), { form, sizes: [1_000] });
      assertEquals(failure, "archive", `${form} at ${end}: ${message}`);
    }
  }
  for (const missing of [1, 4, 8, 9]) {
    assertEquals((await unpack(ARCHIVE.subarray(0, ARCHIVE.length - missing))).failure, "archive");
  }
});

Deno.test("unpackEdition() never takes a flipped bit for the database", async () => {
  const random = new FakeRandom(8);
  for (let count = 0; count < 100; count++) {
    const bytes = new Uint8Array(ARCHIVE);
    // The first ten bytes say when it was packed, and by whom.
    bytes[10 + Math.floor(random.next() * (bytes.length - 10))]! ^= 1 << Math.floor(random.next() * 8);
    const { failure, message } = await unpack(bytes);
    assertEquals(failure, "archive", message);
  }
});

Deno.test("unpackEdition() stops a bomb before much came out of it", async () => {
  const zeros = gzipSync(new Uint8Array(16 * MIB));
  const bomb = concatBytes(Array.from({ length: 64 }, () => zeros));
  for (const form of ["mmdb.gz", "tar.gz"] as const) {
    let delivered = 0;
    const { failure, message } = await unpack(bomb, {
      form,
      sink: (chunk) => {
        delivered += chunk.length;
        return Promise.resolve();
      },
    });
    assertEquals(failure, "archive");
    assertLess(delivered, 5 * MIB, message);
  }
});

Deno.test("unpackEdition() allows zeros as long as they are few", async () => {
  const { error, bytes } = await unpack(packed(file(`${EDITION}.mmdb`, new Uint8Array(2 * MIB))));
  assertEquals([error, bytes.length], [null, 2 * MIB]);
});

Deno.test("unpackEdition() keeps to the limits that it is given", async () => {
  const small = { maxPackedBytes: 5_000 };
  assertMatch((await unpack(ARCHIVE, { limits: small })).message, /larger than 5000 bytes$/);
  assertMatch((await unpack(DATABASE, { form: "mmdb", limits: small })).message, /larger than 5000 bytes$/);
  const flat = { maxUnpackedBytes: 20_000 };
  assertMatch(
    (await unpack(ARCHIVE, { limits: flat })).message,
    /(claims to have \d+ bytes, allowed are|more than) 20000( bytes)?$/,
  );
  const gz = gzipSync(DATABASE);
  assertMatch((await unpack(gz, { form: "mmdb.gz", limits: flat })).message, /more than 20000 bytes$/);
});

Deno.test("unpackEdition() passes on what its input and its sink throw", async () => {
  async function* broken() {
    yield* cut(ARCHIVE.subarray(0, 3_000));
    throw new Error("the line is dead");
  }
  for (const form of ["mmdb.gz", "tar.gz"] as const) {
    assertEquals((await unpack(broken(), { form })).message, "the line is dead");
  }
  const sink = () => Promise.reject(new Error("the disk is full"));
  for (
    const [form, bytes] of [["mmdb", DATABASE], ["mmdb.gz", gzipSync(DATABASE)], ["tar.gz", ARCHIVE]] as const
  ) {
    assertEquals((await unpack(bytes, { form, sink })).message, "the disk is full");
  }
});

Deno.test("unpackEdition() leaves its input when it refuses", async () => {
  let isLeft = false;
  async function* endless() {
    try {
      yield* cut(packed(file("../x.txt", "x")));
      for (;;) yield await Promise.resolve(ARCHIVE);
    } finally {
      isLeft = true;
    }
  }
  assertEquals((await unpack(endless())).failure, "archive");
  assert(isLeft);
});
