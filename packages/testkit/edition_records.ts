import type { MmdbValue } from "./mmdb_data.ts";
import type { WorldAddress, WorldAsn, WorldCity } from "./world.ts";
import { CONTINENTS, WORLD_COUNTRIES, type WorldPlace } from "./world_places.ts";

/** A country as it stands in a City record. */
export function countryRecord(code: string): MmdbValue {
  const country = WORLD_COUNTRIES[code];
  if (country === undefined) return { iso_code: code };
  return { geoname_id: country.geonameId, iso_code: code, names: country.names };
}

/** A continent as it stands in a City record. */
export function continentRecord(countryCode: string): MmdbValue | undefined {
  const code = WORLD_COUNTRIES[countryCode]?.continent;
  if (code === undefined) return undefined;
  return { code, geoname_id: CONTINENTS[code].geonameId, names: CONTINENTS[code].names };
}

/** A record of the City edition; parts that are not known are absent, as in MaxMind's. */
export function cityRecord(city: WorldCity): MmdbValue {
  const registered = countryRecord(city.registeredCountry);
  const { place } = city;
  if (place === null) return { registered_country: registered };
  return {
    city: place.city && { geoname_id: place.city.geonameId, names: place.city.names },
    continent: continentRecord(place.country),
    country: countryRecord(place.country),
    location: locationRecord(place),
    postal: place.postalCode === undefined ? undefined : { code: place.postalCode },
    registered_country: registered,
    subdivisions: place.subdivision && [{
      geoname_id: place.subdivision.geonameId,
      iso_code: place.subdivision.isoCode,
      names: { en: place.subdivision.name },
    }],
  };
}

/** A record of the ASN edition. */
export function asnRecord(asn: WorldAsn): MmdbValue {
  return { autonomous_system_number: asn.number, autonomous_system_organization: asn.org };
}

/** What an edition holds for an address of the world, or null. */
export function editionRecord(
  edition: "GeoLite2-City" | "GeoLite2-ASN",
  entry: WorldAddress,
): MmdbValue | null {
  if (edition === "GeoLite2-City") return entry.city === null ? null : cityRecord(entry.city);
  return entry.asn === null ? null : asnRecord(entry.asn);
}

function locationRecord(place: WorldPlace): MmdbValue {
  return {
    accuracy_radius: place.accuracyRadius,
    latitude: place.latitude,
    longitude: place.longitude,
    time_zone: place.timeZone,
  };
}
