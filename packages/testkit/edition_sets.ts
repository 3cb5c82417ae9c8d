import { createHash } from "node:crypto";
import type { EditionKind, EditionManifest, EditionSet, EditionStore } from "@ipcascade/core";

/** What a set for tests holds. */
export interface TestEditionSet {
  readonly id: string;
  /** RFC 3339; default 2026-11-25T04:15:00Z. */
  readonly createdAt?: string;
  /** Default some bytes that are named after the set. */
  readonly city?: Uint8Array;
  readonly asn?: Uint8Array;
  /** Bytes that are written at a time; default 300 001. */
  readonly writeSize?: number;
}

const INSTANT = "2026-11-25T04:15:00Z";
const WRITE_SIZE = 300_001;

/** Name of the file that a test set keeps a kind in. */
export const TEST_SET_FILES: Readonly<Record<EditionKind, string>> = {
  city: "GeoLite2-City.mmdb",
  asn: "GeoLite2-ASN.mmdb",
};

/** Bytes that look like nothing in particular, the same for the same seed. */
export function fillBytes(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let index = 0, state = seed | 1; index < size; index++) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + index | 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** The databases of a test set, by the names of their files. */
export function filesOfSet(set: TestEditionSet): ReadonlyMap<string, Uint8Array> {
  const text = new TextEncoder();
  return new Map([
    [TEST_SET_FILES.city, set.city ?? text.encode(`city of ${set.id}`)],
    [TEST_SET_FILES.asn, set.asn ?? text.encode(`asn of ${set.id}`)],
  ]);
}

/** The manifest of a test set: sizes and checksums are right, the rest is made up. */
export function describeSet(set: TestEditionSet): EditionSet {
  const files = filesOfSet(set);
  const createdAt = set.createdAt ?? INSTANT;
  return {
    format: 1,
    id: set.id,
    provider: "maxmind",
    created_at: createdAt,
    editions: (["city", "asn"] as const).map((kind) =>
      describeEdition(kind, files.get(TEST_SET_FILES[kind])!)
    ),
    verification: { verified_at: createdAt, duration_ms: 1.5, warnings: ["“ß”\n"] },
  };
}

function describeEdition(kind: EditionKind, bytes: Uint8Array): EditionManifest {
  const file = TEST_SET_FILES[kind];
  const id = file.replace(".mmdb", "");
  return {
    edition_id: id,
    kind,
    file,
    database_type: id,
    build_epoch: 1_763_596_800,
    size_bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    md5: createHash("md5").update(bytes).digest("hex"),
    release: "20261124",
    modified_at: "2026-11-24T12:00:00Z",
    networks: 7,
  };
}

/** Puts a test set into a store whose lock is held. Gives its manifest. */
export async function installSet(store: EditionStore, set: TestEditionSet): Promise<EditionSet> {
  await using staging = await store.stage(set.id);
  for (const [file, bytes] of filesOfSet(set)) {
    const writer = await staging.openFile(file);
    const size = set.writeSize ?? WRITE_SIZE;
    for (let start = 0; start < bytes.length; start += size) {
      await writer.write(bytes.subarray(start, start + size));
    }
    await writer.close();
  }
  const manifest = describeSet(set);
  await staging.commit(manifest);
  return manifest;
}
