export { type AsnFacts, readAsn } from "./asn.ts";
export { type CityFacts, readCity } from "./city.ts";
export { isEditionOfKind, openAsn, openCity, type OpenEdition } from "./edition.ts";
export * from "./maxmind_source.ts";
export { Mmdb, openMmdb } from "./mmdb.ts";
export { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
export type { MmdbMap, MmdbShape, MmdbValue } from "./mmdb_value.ts";
export type { MmdbMetadata } from "./mmdb_metadata.ts";
export { type MmdbSurvey, verifyMmdb } from "./mmdb_verify.ts";
