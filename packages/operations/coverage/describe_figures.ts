import { type CoverageFigures, percentOf, SCANNER_CLASSES } from "@ipcascade/core";
import type { ReportFigures, Share } from "./coverage_report.ts";

const TOP = 10;

/** What is counted, for readers. */
const DEFINITION = "global-unicast addresses of the inventory";

/** The figures of one moment for a report. */
export function describeFigures(figures: CoverageFigures): ReportFigures {
  const { rows, addresses, ipv4, withAsn, withCountry, stale } = figures;
  const ofAll = (count: number) => shareOf(count, addresses);
  const ofIpv4 = (count: number) => shareOf(count, ipv4);
  return {
    denominator: { addresses, definition: DEFINITION, excluded: rows - addresses },
    totals: { rows, ipv4, ipv6: addresses - ipv4 },
    asn: ofAll(withAsn),
    geo: ofAll(withCountry),
    scanners: ofAll(figures.scanners),
    riot: ofAll(figures.riot),
    asn_sources: (["maxmind", "cymru", "unknown"] as const).map((source) => ({
      source,
      ...shareOf(figures.asnSources[source], withAsn),
    })),
    scanner_classes: SCANNER_CLASSES.map((name) => ({ class: name, ...ofIpv4(figures.classes[name]) })),
    country_count: figures.countries.length,
    top_countries: figures.countries.slice(0, TOP).map((one) => ({
      country: one.country,
      ...ofAll(one.addresses),
    })),
    countries: Object.fromEntries(figures.countries.map((one) => [one.country, one.addresses])),
    asn_count: figures.asns,
    top_asns: figures.topAsns.slice(0, TOP).map(({ number, org, addresses: count }) => ({
      asn_number: number,
      asn_org: org,
      ...ofAll(count),
    })),
    stale: {
      cymru: ofAll(stale.cymru),
      greynoise: ofIpv4(stale.greynoise),
      never_enriched: ofAll(stale.neverEnriched),
      never_asked_greynoise: ofIpv4(stale.neverAskedGreynoise),
    },
  };
}

function shareOf(addresses: number, whole: number): Share {
  return { addresses, percent: percentOf(addresses, whole) };
}
