import { countryCode, type OriginFacts, type PlaceFacts, type Scope } from "@ipcascade/core";
import type { AnnotationForm, AnnotationTexts } from "@ipcascade/operations";

/** Name of the field that a JSON line gets. */
const FIELD = "ipcascade";

/**
 * Annotations: ` geo_country="US" geo_city=- asn_number=15169 asn_org="Google LLC"` behind plain lines (`-` is unknown,
 * texts are quoted as in JSON), and `"ipcascade":{…}` as the last field of JSON objects.
 */
export function createAnnotationForm(): AnnotationForm {
  return { place: writePlace, origin: writeOrigin, local: writeLocal };
}

function writePlace(facts: PlaceFacts): AnnotationTexts {
  const country = countryCode(facts.country_code);
  const fields = {
    scope: "global",
    geo_country: country,
    geo_city: facts.city,
    geo_latitude: facts.latitude,
    geo_longitude: facts.longitude,
  };
  return {
    plain: ` geo_country=${word(country)} geo_city=${word(facts.city)}`,
    json: `,"${FIELD}":${JSON.stringify(fields).slice(0, -1)}`,
  };
}

function writeOrigin({ asn, asn_org }: OriginFacts): AnnotationTexts {
  // An organisation alone is no origin.
  const org = asn === null ? null : asn_org;
  return {
    plain: ` asn_number=${asn ?? "-"} asn_org=${word(org)}`,
    json: `,${JSON.stringify({ asn_number: asn, asn_org: org }).slice(1)}`,
  };
}

function writeLocal(scope: Scope): AnnotationTexts {
  return { plain: ` scope=${word(scope)}`, json: `,"${FIELD}":${JSON.stringify({ scope })}` };
}

function word(text: string | null): string {
  return text === null ? "-" : JSON.stringify(text);
}
