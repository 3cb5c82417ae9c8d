import { encodeInline } from "./mmdb_data.ts";
import { MMDB_METADATA_MARKER } from "./mmdb_writer.ts";

/**
 * Ways to damage an edition. Each leaves a file that a reader opens without complaint, save `no_metadata`,
 * `html` and `empty`.
 * - `zeroed_head`: the first quarter of the tree is zero.
 * - `cut_middle`: bytes from the middle are missing, the metadata is there.
 * - `flipped_tree`: one byte of the tree's first node leads far out of the file.
 * - `cyclic_tree`: a record leads back to the root.
 * - `cyclic_pointer`, `deep_nesting`, `oversized_array`, `bad_utf8`: the data of one address is so.
 * - `truncated`: the last half is missing.
 */
export type EditionDamage =
  | "zeroed_head"
  | "cut_middle"
  | "flipped_tree"
  | "cyclic_tree"
  | "cyclic_pointer"
  | "deep_nesting"
  | "oversized_array"
  | "bad_utf8"
  | "truncated"
  | "no_metadata"
  | "html"
  | "empty";

/** Every kind of damage. */
export const EDITION_DAMAGES: readonly EditionDamage[] = [
  "zeroed_head",
  "cut_middle",
  "flipped_tree",
  "cyclic_tree",
  "cyclic_pointer",
  "deep_nesting",
  "oversized_array",
  "bad_utf8",
  "truncated",
  "no_metadata",
  "html",
  "empty",
];

/** Returns a damaged copy of an edition. `address` is the IPv4 address whose data is damaged (default 8.8.8.8). */
export function damageEdition(
  edition: Uint8Array,
  damage: EditionDamage,
  options: { readonly address?: readonly [number, number, number, number] } = {},
): Uint8Array {
  const bytes = edition.slice();
  const anatomy = readAnatomy(bytes);
  const address = options.address ?? [8, 8, 8, 8];
  const treeBytes = anatomy.nodeCount * anatomy.recordSize / 4;
  switch (damage) {
    case "zeroed_head":
      return bytes.fill(0, 0, Math.ceil(treeBytes / 4));
    case "cut_middle":
      return concat(bytes.subarray(0, treeBytes >> 1), bytes.subarray(Math.floor(treeBytes * 0.75)));
    case "flipped_tree":
      bytes[anatomy.recordSize === 28 ? 3 : 0]! ^= anatomy.recordSize === 28 ? 0xf0 : 0xff;
      return bytes;
    case "cyclic_tree":
      return pointRecord(bytes, { anatomy, address, value: 0 });
    case "truncated":
      return bytes.subarray(0, bytes.length >> 1);
    case "no_metadata":
      return bytes.fill(0, anatomy.markerStart);
    case "html":
      return new TextEncoder().encode("<!DOCTYPE html><html><body>Please log in</body></html>");
    case "empty":
      return new Uint8Array(0);
    case "cyclic_pointer":
    case "deep_nesting":
    case "oversized_array":
    case "bad_utf8":
      return plantRecord(edition, (offset) => payloadOf(damage, offset), options);
  }
}

/**
 * Returns a copy of an edition in which an IPv4 address (default 8.8.8.8) leads to other data. `write` gets the
 * offset in the data section where its bytes will stand.
 */
export function plantRecord(
  edition: Uint8Array,
  write: (offset: number) => Uint8Array,
  options: { readonly address?: readonly [number, number, number, number] } = {},
): Uint8Array {
  const anatomy = readAnatomy(edition);
  const { markerStart, dataStart, nodeCount } = anatomy;
  const offset = markerStart - dataStart;
  const bytes = concat(edition.subarray(0, markerStart), write(offset), edition.subarray(markerStart));
  const address = options.address ?? [8, 8, 8, 8];
  return pointRecord(bytes, { anatomy, address, value: nodeCount + 16 + offset });
}

interface Anatomy {
  readonly nodeCount: number;
  readonly recordSize: number;
  readonly ipVersion: number;
  readonly markerStart: number;
  readonly dataStart: number;
}

interface Place {
  readonly anatomy: Anatomy;
  readonly address: readonly number[];
}

function readAnatomy(bytes: Uint8Array): Anatomy {
  const markerStart = lastIndexOf(bytes, MMDB_METADATA_MARKER);
  if (markerStart < 0) throw new TypeError("Cannot damage edition: it has no metadata");
  const metadata = bytes.subarray(markerStart);
  const nodeCount = readWhole(metadata, "node_count");
  const recordSize = readWhole(metadata, "record_size");
  return {
    nodeCount,
    recordSize,
    ipVersion: readWhole(metadata, "ip_version"),
    markerStart,
    dataStart: nodeCount * recordSize / 4 + 16,
  };
}

function readWhole(metadata: Uint8Array, key: string): number {
  const at = lastIndexOf(metadata, encodeInline(key));
  if (at < 0) throw new TypeError(`Cannot damage edition: its metadata has no "${key}"`);
  const control = at + key.length + 1;
  const size = metadata[control]! & 0x1f;
  return metadata.subarray(control + 1, control + 1 + size).reduce((value, byte) => value * 256 + byte, 0);
}

function lastIndexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let at = bytes.length - wanted.length; at >= 0; at--) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

function payloadOf(damage: EditionDamage, offset: number): Uint8Array {
  // A map of one entry whose key is "city"; its value follows.
  const head = [0xe1, 0x44, 0x63, 0x69, 0x74, 0x79];
  if (damage === "cyclic_pointer") {
    return Uint8Array.of(...head, 0x38, offset >>> 24, offset >>> 16, offset >>> 8, offset);
  }
  // Lists of one item, each inside the one before.
  if (damage === "deep_nesting") return concat(Uint8Array.from(head), nestedLists(20_000));
  // A list that claims sixteen million items.
  if (damage === "oversized_array") return Uint8Array.of(...head, 0x1f, 0x04, 0xff, 0xff, 0xff);
  // A text of two bytes, the second of which cannot follow the first.
  return Uint8Array.of(...head, 0xe1, 0x42, 0x65, 0x6e, 0x42, 0xc3, 0x28);
}

function nestedLists(depth: number): Uint8Array {
  const bytes = new Uint8Array(depth * 2 + 1);
  for (let level = 0; level < depth; level++) bytes.set([0x01, 0x04], level * 2);
  bytes[depth * 2] = 0xa0;
  return bytes;
}

function pointRecord(bytes: Uint8Array, change: Place & { readonly value: number }): Uint8Array {
  const { anatomy, address, value } = change;
  const bits = anatomy.ipVersion === 6 ? 128 : 32;
  let node = 0;
  for (let bit = 0; bit < bits; bit++) {
    const fromEnd = bits - bit;
    const side = fromEnd > 32 ? 0 : (address[(32 - fromEnd) >> 3]! >> ((fromEnd - 1) & 7)) & 1;
    const next = readRecord(bytes, { anatomy, node, side });
    if (next < anatomy.nodeCount) {
      node = next;
      continue;
    }
    writeRecord(bytes, { anatomy, node, side }, value);
    return bytes;
  }
  throw new TypeError(`Cannot damage edition: "${address.join(".")}" leads nowhere`);
}

interface RecordPlace {
  readonly anatomy: Anatomy;
  readonly node: number;
  readonly side: number;
}

function readRecord(bytes: Uint8Array, { anatomy: { recordSize }, node, side }: RecordPlace): number {
  const at = node * recordSize / 4 + side * Math.ceil(recordSize / 8);
  const three = (from: number) => bytes[from]! * 65_536 + bytes[from + 1]! * 256 + bytes[from + 2]!;
  if (recordSize === 24) return three(at);
  if (recordSize === 32) return bytes[at]! * 2 ** 24 + three(at + 1);
  const nibbles = bytes[node * 7 + 3]!;
  return (side === 0 ? nibbles >> 4 : nibbles & 15) * 2 ** 24 + three(at);
}

function writeRecord(bytes: Uint8Array, place: RecordPlace, value: number): void {
  const { anatomy: { recordSize }, node, side } = place;
  const at = node * recordSize / 4 + side * Math.ceil(recordSize / 8);
  const first = recordSize === 32 ? at + 1 : at;
  bytes.set([(value >>> 16) & 255, (value >>> 8) & 255, value & 255], first);
  if (recordSize === 32) bytes[at] = value >>> 24;
  if (recordSize !== 28) return;
  const nibbles = bytes[node * 7 + 3]!;
  bytes[node * 7 + 3] = side === 0 ? (nibbles & 15) | (value >>> 24) << 4 : (nibbles & 0xf0) | (value >>> 24);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
