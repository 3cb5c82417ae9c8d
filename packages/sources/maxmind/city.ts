import { countryCode } from "@ipcascade/core";
import { type MmdbField, readNumber, readText } from "./field.ts";
import type { MmdbPath } from "./mmdb_value.ts";

/** What the product uses of a City record; each null where the record does not say. */
export interface CityFacts {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country_code: string | null;
  /** In English. */
  readonly country_name: string | null;
  /** In English. */
  readonly city: string | null;
  /** Degrees. */
  readonly latitude: number | null;
  /** Degrees. */
  readonly longitude: number | null;
  /** Kilometres. */
  readonly accuracy_radius: number | null;
}

/** The fields of a City record that `readCity` takes, in its order. */
export const CITY_FIELDS: readonly MmdbPath[] = [
  ["country", "iso_code"],
  ["country", "names", "en"],
  ["city", "names", "en"],
  ["location", "latitude"],
  ["location", "longitude"],
  ["location", "accuracy_radius"],
];

/** Half of the Earth's circumference: no radius is larger. */
const MAX_RADIUS_KM = 20_038;

/** Makes facts of the `CITY_FIELDS` of a record, frozen; null when they say neither country, city nor coordinates. */
export function readCity(fields: readonly MmdbField[]): CityFacts | null {
  const code = readText(fields[0])?.toUpperCase() ?? null;
  const facts: CityFacts = {
    country_code: countryCode(code),
    country_name: code !== null && isPlaceholder(code) ? null : readText(fields[1]),
    city: readText(fields[2]),
    latitude: readNumber(fields[3], -90, 90),
    longitude: readNumber(fields[4], -180, 180),
    accuracy_radius: readNumber(fields[5], 0, MAX_RADIUS_KM),
  };
  return isUseful(facts) ? Object.freeze(facts) : null;
}

/** Tells "unknown" from a country: `XX` is nobody's code, and DB-IP writes `ZZ`. */
function isPlaceholder(code: string): boolean {
  return code === "XX" || code === "ZZ";
}

function isUseful(facts: CityFacts): boolean {
  const hasPlace = facts.latitude !== null && facts.longitude !== null;
  return hasPlace || facts.country_code !== null || facts.country_name !== null || facts.city !== null;
}
