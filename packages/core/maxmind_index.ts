import type { MaxmindAnswer } from "./enrichment.ts";
import type { InstalledEditions } from "./source.ts";

/** What a City edition says about a place, as it goes into the answer. */
export type PlaceFacts = Pick<
  MaxmindAnswer,
  "country_code" | "country_name" | "city" | "latitude" | "longitude" | "accuracy_radius"
>;

/** What an ASN edition says about an origin, as it goes into the answer. */
export type OriginFacts = Pick<MaxmindAnswer, "asn" | "asn_org">;

/** In place of an offset: nothing is known. */
export const NO_RECORD: number = -1;

/** In place of an offset: the tree is damaged there. */
export const DAMAGED_RECORD: number = -2;

/** One edition by offsets: many addresses share a record, and whoever looks up many reads each record once. */
export interface EditionIndex<Facts> {
  /**
   * Where the record of 32 bits of an IPv4 address is; `NO_RECORD` when there is none. Throws where the tree is damaged.
   */
  findIpv4(bits: number): number;
  /** The same for many: `offsets[i]` becomes what `findIpv4(bits[i])` gives, `DAMAGED_RECORD` where that throws. */
  findIpv4Many(bits: Uint32Array, count: number, offsets: Int32Array): void;
  /** Like `findIpv4`, for the eight groups of an IPv6 address. */
  findIpv6(groups: readonly number[]): number;
  /**
   * Reads a byte of the record at an offset from 0 on, so that the processor has it at hand: it fetches several at the
   * same time, and records that are read one after the other one by one.
   */
  touch(offset: number): number;
  /** The facts of the record at an offset from 0 on; null when it has none. Throws where it can't be decoded. */
  read(offset: number): Facts | null;
}

/** The installed editions by offsets; an edition that is not installed is null, and one of them is there. */
export interface MaxmindIndex {
  readonly installed: InstalledEditions;
  /** The build that answers name, RFC 3339 in UTC. */
  readonly databaseBuild: string;
  readonly places: EditionIndex<PlaceFacts> | null;
  readonly origins: EditionIndex<OriginFacts> | null;
}

/** Facts of an address without a place. */
export const NO_PLACE: PlaceFacts = Object.freeze({
  country_code: null,
  country_name: null,
  city: null,
  latitude: null,
  longitude: null,
  accuracy_radius: null,
});

/** Facts of an address without an origin. */
export const NO_ORIGIN: OriginFacts = Object.freeze({ asn: null, asn_org: null });
