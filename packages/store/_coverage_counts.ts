import { type CoverageFigures, FRESH_DAYS } from "@ipcascade/core";
import { instant } from "./_instants.ts";
import { NOT_GLOBAL } from "./_scope_sql.ts";
import type { SqlClient } from "./sql_client.ts";

/** Which rows are counted under which name. `$1` is the present. */
const COUNTS = {
  rows: "true",
  ipv4: "family(ip_address) = 4",
  withAsn: "asn_number > 0",
  maxmind: "asn_number > 0 and asn_source = 'maxmind'",
  cymru: "asn_number > 0 and asn_source = 'cymru'",
  scanners: "is_scanner",
  // Once for scanners and once for the others, so that each row's document is read only where it matters.
  scannerRiot: "is_scanner and enrichment #>> '{greynoise,riot}' = 'true'",
  quietRiot: "not is_scanner and enrichment #>> '{greynoise,riot}' = 'true'",
  quietRiot4:
    "not is_scanner and scanner_ts is not null and family(ip_address) = 4 and enrichment #>> '{greynoise,riot}' = 'true'",
  scanners4: "is_scanner and family(ip_address) = 4",
  malicious: classified("malicious"),
  suspicious: classified("suspicious"),
  benign: classified("benign"),
  neverAsked: "scanner_ts is null and family(ip_address) = 4",
  neverClassified: "scanner_ts is null and not is_scanner and family(ip_address) = 4",
  neverEnriched: "enrichment_ts is null",
  staleGreynoise: `family(ip_address) = 4 and scanner_ts < ${olderThan(FRESH_DAYS.greynoise)}`,
  // `enrichment_ts` tells of MaxMind, too: the attempt at Team Cymru may be the older one.
  staleCymru:
    `asn_source is distinct from 'maxmind' and (asn_source = 'cymru' or cymru_outcome in ('hit', 'miss'))
      and least(cymru_attempted_at, enrichment_ts) < ${olderThan(FRESH_DAYS.cymru)}`,
} as const;

function classified(classification: string): string {
  return `is_scanner and family(ip_address) = 4
      and enrichment #>> '{greynoise,classification}' = '${classification}'`;
}

function olderThan(days: number): string {
  return `${instant("$1")} - interval '${days * 24} hours'`;
}

type Name = keyof typeof COUNTS;
type Cell = Readonly<Record<Name, number>> & { readonly country: string | null; readonly is_global: boolean };

const NAMES = Object.keys(COUNTS) as Name[];

/**
 * The inner statement reads the table once. The planner takes a boolean for two groups whatever it is made of, so few
 * groups are expected and several processes share the work; the outer one sees to it that there are few, whoever
 * wrote the countries.
 */
const MEASURE = `with cells as (
    select geo_country, coalesce(enrichment #>> '{address,scope}' = 'global', not ${NOT_GLOBAL}) as is_global,
      ${NAMES.map((name) => `count(*) filter (where ${COUNTS[name]}) as "${name}"`).join(",\n      ")}
    from ip_inventory group by 1, 2
  )
  select case when geo_country ~ '^[A-Z]{2}$' and geo_country not in ('XX', 'ZZ') then geo_country end as country,
    is_global, ${NAMES.map((name) => `sum("${name}")::int as "${name}"`).join(", ")}
  from cells group by 1, 2`;

/** What one pass over the inventory counts. */
export interface CoverageCounts {
  /** Without the autonomous systems. */
  readonly figures: Omit<CoverageFigures, "asns" | "topAsns">;
  /** Rows with an ASN that are of no global scope: nobody but other programs writes such. */
  readonly strayAsns: number;
}

/** Reads the inventory once. */
export async function countCoverage(sql: SqlClient, now: number): Promise<CoverageCounts> {
  const cells = await sql.query<Cell>(MEASURE, [now]);
  const global = cells.filter((cell) => cell.is_global);
  const sumOf = (name: Name, of = global) => of.reduce((sum, cell) => sum + cell[name], 0);
  return {
    figures: readFigures(global, sumOf, sumOf("rows", cells)),
    strayAsns: sumOf("withAsn", cells) - sumOf("withAsn"),
  };
}

function readFigures(
  global: readonly Cell[],
  sumOf: (name: Name) => number,
  rows: number,
): CoverageCounts["figures"] {
  const countries = readCountries(global);
  const [withAsn, maxmind, cymru] = [sumOf("withAsn"), sumOf("maxmind"), sumOf("cymru")];
  return {
    rows,
    addresses: sumOf("rows"),
    ipv4: sumOf("ipv4"),
    withAsn,
    withCountry: countries.reduce((sum, { addresses }) => sum + addresses, 0),
    asnSources: { maxmind, cymru, unknown: withAsn - maxmind - cymru },
    scanners: sumOf("scanners"),
    riot: sumOf("scannerRiot") + sumOf("quietRiot"),
    classes: readClasses(sumOf),
    countries,
    stale: {
      cymru: sumOf("staleCymru"),
      greynoise: sumOf("staleGreynoise"),
      neverEnriched: sumOf("neverEnriched"),
      neverAskedGreynoise: sumOf("neverAsked"),
    },
  };
}

function readClasses(sumOf: (name: Name) => number): CoverageFigures["classes"] {
  const [malicious, suspicious, benign] = [sumOf("malicious"), sumOf("suspicious"), sumOf("benign")];
  const [scanners, riot, never_asked] = [sumOf("scanners4"), sumOf("quietRiot4"), sumOf("neverClassified")];
  return {
    malicious,
    suspicious,
    benign,
    unknown: scanners - malicious - suspicious - benign,
    riot,
    quiet: sumOf("ipv4") - scanners - riot - never_asked,
    never_asked,
  };
}

function readCountries(cells: readonly Cell[]): CoverageFigures["countries"] {
  return cells
    .flatMap(({ country, rows }) => country === null ? [] : [{ country, addresses: rows }])
    .sort((left, right) => right.addresses - left.addresses || (left.country < right.country ? -1 : 1));
}
