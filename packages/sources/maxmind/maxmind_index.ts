import {
  type EditionIndex,
  formatInstant,
  type MaxmindIndex,
  MS_PER_SECOND,
  type OriginFacts,
  type PlaceFacts,
} from "@ipcascade/core";
import { ASN_SHAPE, readAsn } from "./asn.ts";
import { CITY_SHAPE, readCity } from "./city.ts";
import type { Mmdb } from "./mmdb.ts";
import type { MmdbShape, MmdbValue } from "./mmdb_value.ts";

/** Open editions; null where one is not installed. */
export interface IndexedEditions {
  readonly city: Mmdb | null;
  readonly asn: Mmdb | null;
}

/** Puts open editions behind the port of bulk look-ups; null when there are none. Nothing is kept: the caller does. */
export function createMaxmindIndex({ city, asn }: IndexedEditions): MaxmindIndex | null {
  const first = city ?? asn;
  if (first === null) return null;
  return {
    installed: {
      cityBuildEpoch: city?.metadata.buildEpoch ?? null,
      asnBuildEpoch: asn?.metadata.buildEpoch ?? null,
    },
    databaseBuild: formatInstant(first.metadata.buildEpoch * MS_PER_SECOND),
    places: city === null ? null : indexOf<PlaceFacts>(city, CITY_SHAPE, readCity),
    origins: asn === null ? null : indexOf<OriginFacts>(asn, ASN_SHAPE, readAsn),
  };
}

function indexOf<Facts>(
  mmdb: Mmdb,
  shape: MmdbShape,
  readFacts: (record: MmdbValue) => Facts | null,
): EditionIndex<Facts> {
  return {
    findIpv4: (bits) => mmdb.findIpv4Offset(bits),
    findIpv6: (groups) => mmdb.findIpv6Offset(groups),
    read: (offset) => readFacts(mmdb.decode(offset, shape)),
  };
}
