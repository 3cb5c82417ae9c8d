import { type CityFacts, type Found, NetworkIndex, openAsn, openCity } from "@ipcascade/sources/maxmind";

/** Looks a text up; gives the typed record, or null where there is none. */
export type TextLookup = (text: string) => object | null;

/** Looks all texts up; gives how many have a record. */
export type BatchLookup = (texts: readonly string[]) => number;

/** The product's look-up of City records by address text: what the scenarios on one thread measure. */
export function openOurCity(city: Uint8Array): TextLookup {
  const edition = openCity(city);
  return (text) => edition.findText(text) ?? null;
}

/** The same for many texts at once. */
export function openOurCityBatch(city: Uint8Array): BatchLookup {
  const edition = openCity(city);
  return (texts) => {
    const found: Found<CityFacts>[] = new Array<null>(texts.length).fill(null);
    edition.findTexts(texts, found);
    let hits = 0;
    for (const facts of found) if (facts !== null && facts !== undefined) hits++;
    return hits;
  };
}

/** The product's look-up of City and ASN records joined into one answer. */
export function openOurPair(city: Uint8Array, asn: Uint8Array): TextLookup {
  const index = new NetworkIndex(openCity(city), openAsn(asn));
  return (text) => {
    const facts = index.find(text);
    return facts === undefined || (facts.place === null && facts.origin === null) ? null : facts;
  };
}

/** Looks all texts up once; gives how many have a record, so that no compiler leaves anything out. */
export function lookUpAll(find: (text: string) => object | null, texts: readonly string[]): number {
  let hits = 0;
  for (let at = 0; at < texts.length; at++) if (find(texts[at]!) !== null) hits++;
  return hits;
}
