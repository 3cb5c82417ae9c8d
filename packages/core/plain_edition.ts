import { type EditionKind, findEditionKind } from "./edition.ts";

/** What geoipupdate leaves by default. */
const USUAL: Readonly<Record<EditionKind, string>> = { city: "GeoLite2-City", asn: "GeoLite2-ASN" };

/** DB-IP's names carry the month: `dbip-city-lite-2026-11.mmdb`. */
const DBIP = /^dbip-(city|asn)(?:-lite)?(-\d{4}-\d{2})?\.mmdb$/;

const SUFFIX = ".mmdb";

/**
 * The file that serves as edition of a kind among plain ones: of `editionIds` of that kind the first that is there,
 * else GeoLite2, else DB-IP's newest month; null when there is none.
 */
export function choosePlainEdition(
  kind: EditionKind,
  names: readonly string[],
  editionIds: readonly string[],
): string | null {
  const ids = editionIds.filter((id) => findEditionKind(id) === kind);
  for (const id of [...ids, USUAL[kind]]) {
    if (names.includes(`${id}${SUFFIX}`)) return `${id}${SUFFIX}`;
  }
  return names.filter((name) => DBIP.exec(name)?.[1] === kind).sort(byMonth).at(-1) ?? null;
}

/** A name without a month is the oldest: nobody can tell its age. */
function byMonth(a: string, b: string): number {
  const [monthA, monthB] = [DBIP.exec(a)?.[2] ?? "", DBIP.exec(b)?.[2] ?? ""];
  return monthA < monthB ? -1 : monthA > monthB ? 1 : 0;
}
