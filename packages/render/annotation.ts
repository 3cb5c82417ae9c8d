import { countryCode, type PlaceFacts } from "@ipcascade/core";
import type { AnnotationForm } from "@ipcascade/operations";
import { quoteText } from "./quote_text.ts";

/** Name of the field that a JSON line gets. */
const FIELD = "ipcascade";

/**
 * Annotations: ` geo_country="US" geo_city=- asn_number=15169 asn_org="Google LLC"` behind plain lines (`-` is unknown,
 * texts are quoted as in JSON), and `"ipcascade":{…}` as the last field of JSON objects.
 */
export function createAnnotationForm(): AnnotationForm {
  return {
    plain: {
      place: ({ country_code, city }) =>
        ` geo_country=${word(countryCode(country_code))} geo_city=${word(city)}`,
      origin: ({ asn, asn_org }) => ` asn_number=${asn ?? "-"} asn_org=${word(orgOf(asn, asn_org))}`,
      local: (scope) => ` scope=${word(scope)}`,
    },
    json: {
      place: (facts) => `,"${FIELD}":${JSON.stringify(placeFields(facts)).slice(0, -1)}`,
      origin: ({ asn, asn_org }) =>
        `,${JSON.stringify({ asn_number: asn, asn_org: orgOf(asn, asn_org) }).slice(1)}`,
      local: (scope) => `,"${FIELD}":${JSON.stringify({ scope })}`,
    },
  };
}

function placeFields({ country_code, city, latitude, longitude }: PlaceFacts): unknown {
  return {
    scope: "global",
    geo_country: countryCode(country_code),
    geo_city: city,
    geo_latitude: latitude,
    geo_longitude: longitude,
  };
}

/** An organisation alone is no origin. */
function orgOf(asn: number | null, org: string | null): string | null {
  return asn === null ? null : org;
}

function word(text: string | null): string {
  return text === null ? "-" : quoteText(text);
}
