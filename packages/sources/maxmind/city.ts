import { readFields, readNumber, readText, shapeOf } from "./field.ts";
import type { MmdbShape, MmdbValue } from "./mmdb_value.ts";

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

/** The part of a City record that `readCity` looks at. */
export const CITY_SHAPE: MmdbShape = shapeOf({
  country: shapeOf({ iso_code: true, names: shapeOf({ en: true }) }),
  city: shapeOf({ names: shapeOf({ en: true }) }),
  location: shapeOf({ latitude: true, longitude: true, accuracy_radius: true }),
});

/** Half of the Earth's circumference: no radius is larger. */
const MAX_RADIUS_KM = 20_038;

/** Takes the facts out of a decoded City record, frozen; null when it has neither country, city nor coordinates. */
export function readCity(record: MmdbValue): CityFacts | null {
  const fields = readFields(record);
  const country = readFields(fields.country);
  const code = readText(country.iso_code)?.toUpperCase() ?? null;
  const location = readFields(fields.location);
  const facts: CityFacts = {
    country_code: code !== null && isCountryCode(code) ? code : null,
    country_name: code !== null && isPlaceholder(code) ? null : readText(readFields(country.names).en),
    city: readText(readFields(readFields(fields.city).names).en),
    latitude: readNumber(location.latitude, -90, 90),
    longitude: readNumber(location.longitude, -180, 180),
    accuracy_radius: readNumber(location.accuracy_radius, 0, MAX_RADIUS_KM),
  };
  return isUseful(facts) ? Object.freeze(facts) : null;
}

function isCountryCode(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && !isPlaceholder(code);
}

/** Tells "unknown" from a country: `XX` is nobody's code, and DB-IP writes `ZZ`. */
function isPlaceholder(code: string): boolean {
  return code === "XX" || code === "ZZ";
}

function isUseful(facts: CityFacts): boolean {
  const hasPlace = facts.latitude !== null && facts.longitude !== null;
  return hasPlace || facts.country_code !== null || facts.country_name !== null || facts.city !== null;
}
