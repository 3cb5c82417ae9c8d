import { plantRecord } from "./edition_damage.ts";

/** The bytes of a value that the format forbids; those that point somewhere depend on the value's own offset. */
type ForbiddenValue = readonly number[] | ((offset: number) => readonly number[]);

/** What can be wrong with a value. */
export type RecordDamage =
  | "pointer_to_pointer"
  | "pointer_out_of_range"
  | "cache_container"
  | "end_marker"
  | "unknown_type"
  | "extended_map"
  | "large_boolean"
  | "short_double"
  | "long_float"
  | "long_uint16"
  | "long_uint32"
  | "long_int32"
  | "long_uint64"
  | "long_uint128"
  | "oversized_text"
  | "oversized_bytes"
  | "oversized_map"
  | "number_key"
  | "map_key"
  | "bad_utf8_key";

/** Values that the format forbids, by what is wrong with them. Each is the value of a map's key "city". */
const FORBIDDEN: Readonly<Record<RecordDamage, ForbiddenValue>> = {
  pointer_to_pointer: (offset) => [...pointerTo(offset + 5), ...pointerTo(0)],
  pointer_out_of_range: [0x38, 255, 255, 255, 255],
  cache_container: [0x00, 0x05],
  end_marker: [0x00, 0x06],
  unknown_type: [0x00, 0x09],
  extended_map: [0x00, 0x00],
  large_boolean: [0x02, 0x07],
  short_double: [0x64, ...zeros(4)],
  long_float: [0x08, 0x08, ...zeros(8)],
  long_uint16: [0xa3, ...zeros(3)],
  long_uint32: [0xc5, ...zeros(5)],
  long_int32: [0x05, 0x01, ...zeros(5)],
  long_uint64: [0x09, 0x02, ...zeros(9)],
  long_uint128: [0x11, 0x03, ...zeros(17)],
  oversized_text: [0x5f, 255, 255, 255],
  oversized_bytes: [0x9f, 255, 255, 255],
  oversized_map: [0xff, 255, 255, 255],
  number_key: [0xe1, 0xa1, 0x61, 0x40],
  map_key: [0xe1, 0xe0, 0x40],
  bad_utf8_key: [0xe1, 0x42, 0xc3, 0x28, 0x40],
};

/** Everything that can be wrong with a value. */
export const RECORD_DAMAGES: readonly RecordDamage[] = Object.keys(FORBIDDEN) as readonly RecordDamage[];

/** A map of one entry whose key is "city"; its value follows. */
const HEAD = [0xe1, 0x44, 0x63, 0x69, 0x74, 0x79];

/** Returns a copy of an edition in which the record of an IPv4 address (default 8.8.8.8) holds a forbidden value. */
export function damageRecord(
  edition: Uint8Array,
  damage: RecordDamage,
  options: { readonly address?: readonly [number, number, number, number] } = {},
): Uint8Array {
  const value = FORBIDDEN[damage];
  return plantRecord(edition, (offset) => {
    const bytes = typeof value === "function" ? value(offset + HEAD.length) : value;
    return Uint8Array.of(...HEAD, ...bytes);
  }, options);
}

function pointerTo(offset: number): number[] {
  return [0x38, offset >>> 24, (offset >>> 16) & 255, (offset >>> 8) & 255, offset & 255];
}

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}
