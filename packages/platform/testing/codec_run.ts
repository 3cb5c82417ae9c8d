import process from "node:process";
import { createGzip } from "node:zlib";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { createBackupCodec } from "../backup_codec.ts";
import { unpackGzip } from "../backup_gzip.ts";

/** Prints whether bytes come back, what becomes of damage, and what a bomb takes: the codec on this runtime. */
async function main(): Promise<void> {
  const identity = await generateX25519Identity();
  const recipients = [await identityToRecipient(identity)];
  for (const keys of [{ recipients: [], identities: [] }, { recipients, identities: [] }]) {
    const packing = await (await createBackupCodec(keys)).begin();
    const packed = await collect(packing.pack(give(rows())));
    const unpacked = await collect(packing.unpack(give([packed])));
    console.log(`${packing.suffix} ${compare(unpacked, concat(rows()))}`);
    for (const damage of [packed.subarray(0, -1), new Uint8Array(0), concat([packed, Uint8Array.of(0)])]) {
      console.log(await collect(packing.unpack(give([damage]))).then(() => "sound", (error) => error.code));
    }
  }
  console.log(`bomb ${await readBomb()}`);
}

function compare(a: Uint8Array, b: Uint8Array): string {
  return a.length === b.length && a.every((byte, index) => byte === b[index]) ? "same" : "other";
}

function rows(): Uint8Array[] {
  return Array.from({ length: 5 }, (_, i) => new TextEncoder().encode(`192.0.2.${i}\tDE\n`.repeat(40_000)));
}

/** Of the 512 that a bomb becomes; Bun collects late. */
const MAX_BOMB_MIB = 400;

/** Reads 256 pieces of half a gigabyte of nothing, slowly for the one who inflates. */
async function readBomb(): Promise<string> {
  const gzip = createGzip({ level: 9 });
  const bomb: Uint8Array[] = [];
  gzip.on("data", (chunk: Uint8Array) => bomb.push(chunk));
  for (let i = 0; i < 512; i++) await new Promise((resolve) => gzip.write(new Uint8Array(1 << 20), resolve));
  await new Promise((resolve) => gzip.on("end", resolve).end());
  const packed = concat(bomb);
  const before = process.memoryUsage().rss;
  let [peak, bytes] = [0, 0];
  for await (const chunk of unpackGzip(give([packed]))) {
    bytes += chunk.length;
    peak = Math.max(peak, process.memoryUsage().rss - before);
  }
  return `${bytes} ${peak < MAX_BOMB_MIB << 20 ? "bounded" : `takes ${peak >> 20} MiB`}`;
}

async function* give(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return concat(all);
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

await main();
