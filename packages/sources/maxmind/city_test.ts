import { assertEquals, assertThrows } from "@std/assert";
import { CITY_FIELDS, type CityFacts, readCity } from "./city.ts";
import type { MmdbValue } from "./mmdb_value.ts";
import { fieldsOf } from "./_test_fields.ts";

const NOTHING: CityFacts = {
  country_code: null,
  country_name: null,
  city: null,
  latitude: null,
  longitude: null,
  accuracy_radius: null,
};
const GERMANY = { iso_code: "DE", names: { en: "Germany", de: "Deutschland" } };

const CASES: readonly (readonly [label: string, record: MmdbValue, facts: Partial<CityFacts> | null])[] = [
  ["everything", {
    city: { geoname_id: 2_950_159, names: { en: "Berlin", de: "Berlin" } },
    continent: { code: "EU" },
    country: GERMANY,
    location: { latitude: 52.52, longitude: 13.41, accuracy_radius: 20, time_zone: "Europe/Berlin" },
    registered_country: { iso_code: "US" },
  }, {
    country_code: "DE",
    country_name: "Germany",
    city: "Berlin",
    latitude: 52.52,
    longitude: 13.41,
    accuracy_radius: 20,
  }],
  ["a country alone", { country: GERMANY }, { country_code: "DE", country_name: "Germany" }],
  ["a code without name", { country: { iso_code: "DE" } }, { country_code: "DE" }],
  ["a name without code", { country: { names: { en: "Germany" } } }, { country_name: "Germany" }],
  ["a code in lower case", { country: { iso_code: "de" } }, { country_code: "DE" }],
  ["a code with NUL", { country: { iso_code: "D\0E" } }, { country_code: "DE" }],
  ["a code of three letters", { country: { iso_code: "DEU", names: { en: "Germany" } } }, {
    country_name: "Germany",
  }],
  ["a code of a letter and a digit", { country: { iso_code: "A1" } }, null],
  ["a code of letters beyond ASCII", { country: { iso_code: "ßa" } }, null],
  ["a code that is a number", { country: { iso_code: 49 } }, null],
  ["the placeholder XX", { country: { iso_code: "XX", names: { en: "Unknown" } } }, null],
  ["the placeholder xx", { country: { iso_code: "xx" }, city: { names: { en: "Berlin" } } }, {
    city: "Berlin",
  }],
  ["the placeholder ZZ", { country: { iso_code: "ZZ", names: { en: "Unknown" } } }, null],
  ["a city alone", { city: { names: { en: "Berlin" } } }, { city: "Berlin" }],
  ["a city with NUL", { city: { names: { en: "\0Ber\0lin" } } }, { city: "Berlin" }],
  ["a city that is NUL", { city: { names: { en: "\0" } } }, null],
  ["a city that is empty", { city: { names: { en: "" } } }, null],
  ["a city in German only", { city: { names: { de: "Berlin" } } }, null],
  ["a city that is a text", { city: "Berlin" }, null],
  ["names that are a list", { city: { names: ["Berlin"] }, country: GERMANY }, {
    country_code: "DE",
    country_name: "Germany",
  }],
  ["coordinates alone", { location: { latitude: 1.5, longitude: -2.5 } }, { latitude: 1.5, longitude: -2.5 }],
  ["coordinates of zero", { location: { latitude: 0, longitude: 0 } }, { latitude: 0, longitude: 0 }],
  ["coordinates at the ends", { location: { latitude: -90, longitude: 180 } }, {
    latitude: -90,
    longitude: 180,
  }],
  ["a latitude alone", { location: { latitude: 1.5 } }, null],
  ["a latitude beside a country", { country: GERMANY, location: { latitude: 1.5 } }, {
    country_code: "DE",
    country_name: "Germany",
    latitude: 1.5,
  }],
  ["a latitude that is a text", { country: GERMANY, location: { latitude: "1.5", longitude: 2 } }, {
    country_code: "DE",
    country_name: "Germany",
    longitude: 2,
  }],
  ["a latitude out of range", { location: { latitude: 90.01, longitude: 2 } }, null],
  ["a longitude out of range", { location: { latitude: 1, longitude: -180.5 } }, null],
  ["coordinates that are no numbers", { location: { latitude: NaN, longitude: Infinity } }, null],
  ["a radius alone", { location: { accuracy_radius: 100 } }, null],
  ["a negative radius", { location: { latitude: 1, longitude: 2, accuracy_radius: -1 } }, {
    latitude: 1,
    longitude: 2,
  }],
  ["a radius larger than the Earth", { location: { latitude: 1, longitude: 2, accuracy_radius: 65_535 } }, {
    latitude: 1,
    longitude: 2,
  }],
  ["the registered country alone", { registered_country: GERMANY }, null],
  ["an empty record", {}, null],
  ["a text", "Berlin", null],
  ["a list", [GERMANY], null],
  ["bytes", Uint8Array.of(1, 2), null],
  ["a number", 7n, null],
];

for (const [label, record, facts] of CASES) {
  Deno.test(`readCity() reads ${label}`, () => {
    assertEquals(readCity(fieldsOf(record, CITY_FIELDS)), facts === null ? null : { ...NOTHING, ...facts });
  });
}

Deno.test("readCity() freezes what it gives, since it is shared", () => {
  const facts = readCity(fieldsOf({ country: GERMANY }, CITY_FIELDS)) as { city: string | null };
  assertThrows(() => facts.city = "Berlin", TypeError);
});
