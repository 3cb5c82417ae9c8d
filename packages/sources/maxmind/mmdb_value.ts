/** Anything a data section can hold. Unsigned integers of 64 and 128 bits are `bigint`, the smaller ones `number`. */
export type MmdbValue = string | number | bigint | boolean | Uint8Array | readonly MmdbValue[] | MmdbMap;

/** A map of the data section. */
export interface MmdbMap {
  /** The value under a key. */
  readonly [key: string]: MmdbValue | undefined;
}

/** The keys that lead from a record to a value in it. */
export type MmdbPath = readonly string[];

/** Tells whether a decoded value is a map. */
export function isMap(value: MmdbValue | undefined): value is MmdbMap {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);
}
