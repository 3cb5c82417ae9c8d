import type { CreateHasher, EditionFinding } from "@ipcascade/core";
import { createError } from "./edition_finding.ts";
import type { WorkSlices } from "./work_slices.ts";

/** Bytes that are hashed at a time: one or two milliseconds. */
const PART_BYTES = 1 << 20;

/** What comparing a checksum takes. */
export interface ChecksumOptions {
  /** Expected SHA-256 in hexadecimal. */
  readonly sha256: string;
  readonly createHasher: CreateHasher;
  readonly slices: WorkSlices;
  /** Gets the share that is hashed, 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** Compares the SHA-256 of a database; gives the finding when it is another one. */
export async function checkChecksum(
  bytes: Uint8Array,
  options: ChecksumOptions,
): Promise<readonly EditionFinding[]> {
  const { sha256, createHasher, slices, onProgress } = options;
  const hasher = createHasher("sha256");
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    hasher.update(bytes.subarray(at, at + PART_BYTES));
    onProgress(Math.min(1, (at + PART_BYTES) / bytes.length));
    await slices.next();
  }
  const actual = hasher.digest();
  if (actual === sha256.toLowerCase()) return [];
  return [createError("checksum", `SHA-256 is ${actual}, expected ${sha256.toLowerCase()}`)];
}
