import { isMap, type MmdbMap, type MmdbShape, type MmdbValue } from "./mmdb_value.ts";

const NO_FIELDS: MmdbMap = {};

/** Names what of a map is wanted, as `shapeOf({ country: shapeOf({ iso_code: true }) })`. */
export function shapeOf(fields: Readonly<Record<string, MmdbShape>>): MmdbShape {
  return new Map(Object.entries(fields));
}

/** A value as a map; an empty one when it is none. */
export function readFields(value: MmdbValue | undefined): MmdbMap {
  return isMap(value) ? value : NO_FIELDS;
}

/** Characters that a store would not give back as they were. */
const UNSTORABLE = /[\p{Cc}\p{Cs}]/gu;

/** A text without control characters, so that what is printed is what is stored; null when nothing is left. */
export function readText(value: MmdbValue | undefined): string | null {
  if (typeof value !== "string" || value === "") return null;
  return value.replace(UNSTORABLE, "") || null;
}

/** A finite number in a range, its ends included; null for anything else. */
export function readNumber(value: MmdbValue | undefined, min: number, max: number): number | null {
  return typeof value === "number" && value >= min && value <= max ? value : null;
}
