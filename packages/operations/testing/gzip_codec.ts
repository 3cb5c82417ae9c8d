import { Readable, type Transform } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import {
  type BackupCodec,
  BackupDamagedError,
  type BackupPacking,
  type TransformBytes,
} from "@ipcascade/core";

const pack: TransformBytes = (chunks) => through(chunks, createGzip({ level: 1 }));

async function* unpack(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* through(chunks, createGunzip());
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || !String(error.code).startsWith("Z_")) throw error;
    throw new BackupDamagedError(`Cannot unpack the file: ${error.message}`, "file");
  }
}

async function* through(chunks: AsyncIterable<Uint8Array>, transform: Transform): AsyncIterable<Uint8Array> {
  const source = Readable.from(chunks);
  // A pipe does not tell of its source's errors.
  source.on("error", (error) => transform.destroy(error));
  try {
    yield* source.pipe(transform);
  } finally {
    source.destroy();
  }
}

/** Packs by gzip. `recipients`: says that it encrypts, and that nobody here can read it. */
export function createGzipCodec(recipients: readonly string[] | null = null): BackupCodec {
  const begin = (to: readonly string[] | undefined): BackupPacking => {
    const encryption = to === undefined ? null : { method: "age" as const, recipients: to };
    return { encryption, suffix: ".gz", pack, unpack };
  };
  return {
    begin: (others) => Promise.resolve(begin(recipients ?? others)),
    findUnpack: (needed) => needed === null ? unpack : null,
  };
}
