import {
  type EditionIndex,
  formatInstant,
  type MaxmindIndex,
  MS_PER_SECOND,
  type OriginFacts,
  type PlaceFacts,
} from "@ipcascade/core";
import { ASN_FIELDS, readAsn } from "./asn.ts";
import { CITY_FIELDS, readCity } from "./city.ts";
import type { Mmdb } from "./mmdb.ts";
import type { MmdbField } from "./field.ts";
import type { MmdbPath } from "./mmdb_value.ts";

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
    places: city === null ? null : indexOf<PlaceFacts>(city, CITY_FIELDS, readCity),
    origins: asn === null ? null : indexOf<OriginFacts>(asn, ASN_FIELDS, readAsn),
  };
}

function indexOf<Facts>(
  mmdb: Mmdb,
  paths: readonly MmdbPath[],
  readFacts: (fields: readonly MmdbField[]) => Facts | null,
): EditionIndex<Facts> {
  const fields = mmdb.openFields(paths);
  return {
    findIpv4: (bits) => mmdb.findIpv4Offset(bits),
    findIpv4Many: (bits, count, offsets) => mmdb.findIpv4Offsets(bits, count, offsets),
    findIpv6: (groups) => mmdb.findIpv6Offset(groups),
    touch: (offset) => mmdb.touch(offset),
    read: (offset) => readFacts(fields.read(offset)),
  };
}
