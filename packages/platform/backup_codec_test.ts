import { Buffer } from "node:buffer";
import { gunzipSync, gzipSync } from "node:zlib";
import { BackupDamagedError, type BackupPacking } from "@ipcascade/core";
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  Decrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import { createBackupCodec } from "./backup_codec.ts";
import { unpackGzip } from "./backup_gzip.ts";
import { hasRuntime, RUNTIMES, startChild } from "./testing/child.ts";

const ROWS = Buffer.from(
  Array.from({ length: 30_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}\tDE\n`).join(""),
);

async function createKey() {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

async function* give(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield Uint8Array.from(bytes.subarray(at, at + size));
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

async function begin(recipients: readonly string[]): Promise<BackupPacking> {
  return await (await createBackupCodec({ recipients, identities: [] })).begin();
}

for (const runtime of Object.keys(RUNTIMES)) {
  Deno.test({
    name: `createBackupCodec() on ${runtime} gives back what was packed, tells damage, and survives a bomb`,
    ignore: !hasRuntime(runtime),
    fn: async () => {
      const { lines, status } = await startChild(runtime, "codec_run.ts", []).finish();
      const damage = Array.from({ length: 3 }, () => "BACKUP_DAMAGED");
      assertEquals(lines, [".gz same", ...damage, ".gz.age same", ...damage, "bomb 536870912 bounded"]);
      assertEquals(status, 0);
    },
  });
}

Deno.test("pack() writes what other programs read, in pieces of any size", async () => {
  const { identity, recipient } = await createKey();
  const [plain, encrypted] = [await begin([]), await begin([recipient])];
  assertEquals([plain.encryption, plain.suffix], [null, ".gz"]);
  for (const size of [997, 64 * 1024, ROWS.length]) {
    assert(gunzipSync(await collect(plain.pack(give(ROWS, size)))).equals(ROWS));
  }
  assertEquals(encrypted.suffix, ".gz.age");
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const packed = await collect(encrypted.pack(give(ROWS, 997)));
  assert(gunzipSync(await decrypter.decrypt(packed)).equals(ROWS));
  assertEquals(await collect(plain.unpack(plain.pack(give(Buffer.alloc(0))))), Buffer.alloc(0));
});

Deno.test("findUnpack() knows by the recipients whether a key at hand fits", async () => {
  const [mine, theirs, spare] = [await createKey(), await createKey(), await createKey()];
  const packing = await begin([theirs.recipient, mine.recipient]);
  assertEquals(packing.encryption, { method: "age", recipients: [theirs.recipient, mine.recipient] });
  const packed = await collect(packing.pack(give(ROWS)));
  const open = async (...identities: string[]) => {
    const codec = await createBackupCodec({ recipients: [], identities });
    return codec.findUnpack(packing.encryption);
  };
  for (const identities of [[mine.identity], [spare.identity, theirs.identity]]) {
    const unpack = await open(...identities);
    assert((await collect(unpack!(give(packed, 5_000)))).equals(ROWS));
  }
  assertEquals(await open(), null);
  assertEquals(await open(spare.identity), null);
  const elsewhere = await collect((await begin([spare.recipient])).pack(give(ROWS)));
  const unpack = await open(mine.identity);
  await assertRejects(() => collect(unpack!(give(elsewhere))), BackupDamagedError, "no identity matched");
});

Deno.test("begin() has a key of its own for each backup, also beside those that withstand quantum computers", async () => {
  const recipient = await identityToRecipient(await generateHybridIdentity());
  const [one, other] = [await begin([recipient]), await begin([recipient])];
  const packed = await collect(one.pack(give(ROWS)));
  const stanzas = packed.subarray(0, 8_000).toString("latin1").match(/^-> \S+/gm);
  assertEquals(stanzas, ["-> mlkem768x25519", "-> mlkem768x25519"]);
  assert((await collect(one.unpack(give(packed)))).equals(ROWS));
  await assertRejects(() => collect(other.unpack(give(packed))), BackupDamagedError);
});

Deno.test("unpack() refuses every cut and every flipped byte of an encrypted file", async () => {
  const { recipient } = await createKey();
  const packing = await begin([recipient]);
  const whole = await collect(packing.pack(give(ROWS.subarray(0, 3_000))));
  for (let at = 0; at < whole.length; at += 7) {
    const flipped = Buffer.from(whole);
    flipped[at]! ^= 1;
    for (const bytes of [whole.subarray(0, at), flipped]) {
      await assertRejects(() => collect(packing.unpack(give(bytes, 100))), BackupDamagedError);
    }
  }
});

Deno.test("unpackGzip() refuses what is not one whole gzip file", async () => {
  const whole = gzipSync(ROWS);
  const cases: readonly [string, Uint8Array, string][] = [
    ["nothing", new Uint8Array(0), "the file is empty"],
    ["one byte", whole.subarray(0, 1), "breaks off"],
    ["cut in half", whole.subarray(0, whole.length / 2), "breaks off"],
    ["without its length", whole.subarray(0, -4), "breaks off"],
    ["a zero behind it", Buffer.concat([whole, Buffer.alloc(1)]), "other bytes follow"],
    ["zeros behind it", Buffer.concat([whole, Buffer.alloc(100_000)]), "other bytes follow"],
    ["text behind it", Buffer.concat([whole, Buffer.from("rows")]), "is damaged"],
    ["a text", ROWS, "is damaged"],
  ];
  for (const [label, bytes, message] of cases) {
    for (const size of [bytes.length, 1_000]) {
      const error = await assertRejects(() => collect(unpackGzip(give(bytes, size))), BackupDamagedError);
      assert(error.message.includes(message), `${label} in pieces of ${size}: ${error.message}`);
    }
  }
});

Deno.test("pack() and unpack() pass on what their input throws, and let go of it when nobody reads on", async () => {
  const { recipient } = await createKey();
  for (const packing of [await begin([]), await begin([recipient])]) {
    const packed = await collect(packing.pack(give(ROWS)));
    let closed = 0;
    const breaking = async function* (bytes: Uint8Array, failure: Error | null) {
      try {
        yield* give(bytes, 1_000);
        if (failure !== null) throw failure;
        for (;;) yield* give(bytes);
      } finally {
        closed++;
      }
    };
    const failure = new RangeError("no more");
    for (const [run, bytes] of [[packing.pack, ROWS], [packing.unpack, packed.subarray(0, -1)]] as const) {
      await assertRejects(() => collect(run(breaking(bytes, failure))), RangeError, "no more");
    }
    for await (const _ of packing.pack(breaking(ROWS, null))) break;
    assertEquals(closed, 3);
  }
});

Deno.test("begin() encrypts for the recipients given where none are configured, and refuses what is none", async () => {
  const [mine, theirs] = [await createKey(), await createKey()];
  const configured = await createBackupCodec({ recipients: [mine.recipient], identities: [] });
  const own = await configured.begin([theirs.recipient]);
  assertEquals(own.encryption?.recipients, [mine.recipient]);
  for (const identities of [[], [theirs.identity]]) {
    const codec = await createBackupCodec({ recipients: [], identities });
    const given = await codec.begin([theirs.recipient]);
    assertEquals([given.encryption?.recipients, given.suffix], [[theirs.recipient], ".gz.age"]);
    assertEquals(await collect(given.unpack(given.pack(give(ROWS)))), ROWS);
    assertEquals((await codec.begin([])).encryption, null);
    await assertRejects(() => codec.begin(["age1nonsense"]), Error);
  }
});
