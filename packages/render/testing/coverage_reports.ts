import type { CoverageReport } from "@ipcascade/operations";
import { percentOf, SCANNER_CLASSES } from "@ipcascade/core";

const share = (addresses: number, whole: number) => ({ addresses, percent: percentOf(addresses, whole) });

const COUNTRIES = {
  US: 21_204,
  CN: 18_950,
  NL: 9_120,
  DE: 7_004,
  SG: 5_210,
  RU: 4_890,
  HK: 3_001,
  BR: 2_200,
  IN: 950,
  VN: 640,
  MT: 12,
  ZA: 3,
};
const ASNS: readonly (readonly [number, string | null, number])[] = [
  [14061, "DIGITALOCEAN-ASN", 9_204],
  [4134, "China Telecom Backbone, No.31,Jin-rong Street", 8_111],
  [16509, "AMAZON-02", 6_002],
  [24940, "Hetzner Online GmbH", 4_410],
  [396982, "GOOGLE-CLOUD-PLATFORM", 3_900],
  [64500, null, 2_000],
];
const CLASS_COUNTS = [21_000, 1_200, 4_100, 9_000, 2_050, 20_000, 12_650];
const [ADDRESSES, IPV4] = [75_000, 70_000];

/** A report on a busy month, with thirty-one days of trend. */
export function fullReport(): CoverageReport {
  return {
    operation: "report-coverage",
    status: "done",
    message: "From the snapshot of the month's last day, taken 2026-10-31 23:55 UTC",
    period: {
      month: "2026-10",
      starts_at: "2026-10-01T00:00:00.000Z",
      ends_at: "2026-11-01T00:00:00.000Z",
      is_complete: true,
    },
    basis: {
      kind: "snapshot",
      day: "2026-10-31",
      measured_at: "2026-10-31T23:55:00.000Z",
      is_last_day: true,
    },
    denominator: {
      addresses: ADDRESSES,
      definition: "global-unicast addresses of the inventory",
      excluded: 1_250,
    },
    totals: { rows: 76_250, ipv4: IPV4, ipv6: 5_000 },
    asn: share(73_900, ADDRESSES),
    geo: share(73_184, ADDRESSES),
    scanners: share(35_400, ADDRESSES),
    riot: share(2_100, ADDRESSES),
    asn_sources: [
      { source: "maxmind", ...share(71_000, 73_900) },
      { source: "cymru", ...share(2_900, 73_900) },
      { source: "unknown", ...share(0, 73_900) },
    ],
    scanner_classes: SCANNER_CLASSES.map((name, index) => ({
      class: name,
      ...share(CLASS_COUNTS[index]!, IPV4),
    })),
    country_count: Object.keys(COUNTRIES).length,
    top_countries: Object.entries(COUNTRIES).slice(0, 10).map(([country, count]) => ({
      country,
      ...share(count, ADDRESSES),
    })),
    countries: COUNTRIES,
    asn_count: 5_310,
    top_asns: ASNS.map(([asn_number, asn_org, count]) => ({
      asn_number,
      asn_org,
      ...share(count, ADDRESSES),
    })),
    stale: {
      cymru: share(120, ADDRESSES),
      greynoise: share(5_002, IPV4),
      never_enriched: share(31, ADDRESSES),
      never_asked_greynoise: share(12_650, IPV4),
    },
    quota: {
      limit: 10_000,
      period: "day",
      origin: "setting",
      used: 8_100,
      remaining: 1_900,
      used_percent: 81,
      window_starts_at: "2026-10-31T00:00:00.000Z",
      resets_at: "2026-11-01T00:00:00.000Z",
    },
    jobs: [
      {
        job: "refresh-stale",
        runs: 5,
        succeeded: 3,
        partly_failed: 1,
        failed: 0,
        stopped: 0,
        skipped: 0,
        unfinished: 1,
      },
      {
        job: "back-up",
        runs: 31,
        succeeded: 30,
        partly_failed: 0,
        failed: 1,
        stopped: 0,
        skipped: 0,
        unfinished: 0,
      },
    ],
    change: {
      month: "2026-09",
      day: "2026-09-30",
      addresses: 4_210,
      with_asn: 4_300,
      with_geo: -12,
      scanners: 900,
      riot: 0,
      asn_points: 0.32,
      geo_points: -0.01,
    },
    trend: Array.from({ length: 31 }, (_, index) => ({
      day: `2026-10-${String(index + 1).padStart(2, "0")}`,
      addresses: 71_000 + index * 130,
      asn_percent: 96 + index * 0.08,
      geo_percent: 95.5 + (index % 7) * 0.3,
      scanners: 30_000 + index * 170,
      riot: 2_000 + index * 3,
      quota_used: 8_000 + (index % 9) * 100,
    })),
    left_out: [],
  };
}

/** The report on an inventory without a row. */
export function emptyReport(): CoverageReport {
  const none = { addresses: 0, percent: null };
  const full = fullReport();
  return {
    ...full,
    denominator: { ...full.denominator, addresses: 0, excluded: 0 },
    totals: { rows: 0, ipv4: 0, ipv6: 0 },
    asn: none,
    geo: none,
    scanners: none,
    riot: none,
    asn_sources: full.asn_sources.map((one) => ({ ...one, ...none })),
    scanner_classes: full.scanner_classes.map((one) => ({ ...one, ...none })),
    country_count: 0,
    top_countries: [],
    countries: {},
    asn_count: 0,
    top_asns: [],
    stale: { cymru: none, greynoise: none, never_enriched: none, never_asked_greynoise: none },
    jobs: [],
    change: null,
    trend: [{
      day: "2026-10-31",
      addresses: 0,
      asn_percent: null,
      geo_percent: null,
      scanners: 0,
      riot: 0,
      quota_used: 0,
    }],
  };
}

/** What somebody may have registered as the name of an organisation. */
export const HOSTILE_NAME =
  `</text><script>alert(1)</script>" onload='x' =cmd|'/c calc'!A1 | [a](http://x) \`b\` \u001b[2J`;

/** A report whose names are hostile. */
export function hostileReport(): CoverageReport {
  const full = fullReport();
  return { ...full, top_asns: full.top_asns.map((one) => ({ ...one, asn_org: HOSTILE_NAME })) };
}

/** Names that take much room in most typefaces. */
const WIDE_NAMES = [
  "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
  "mmmm%%%% WMWM @@@@ mmmmmmmmmmmmmmmmmmmmmm",
  "ЩЖЮФШЩЖЮФШЩЖЮФШЩЖЮФШ ЩЖЮФШЩЖЮФШ",
  "中国电信股份有限公司骨干网络中国电信股份有限公司骨干网络",
  "Ǆǆ—…ﷺ𒐫—…—…—…—…—…—…—…—…—…—…—…—…—…—…",
  "DEPARTMENT-OF-DEFENSE-NETWORK-INFORMATION-CENTER",
];

/** A report with large numbers and wide names. */
export function wideReport(): CoverageReport {
  const full = fullReport();
  const topAsns = full.top_asns.map((_, index) => ({
    asn_number: 4_294_967_290 + index,
    asn_org: WIDE_NAMES[index]!,
    addresses: 123_456_789 - index,
    percent: 99.99,
  }));
  return {
    ...full,
    top_asns: topAsns,
    asn_sources: full.asn_sources.map((one) => ({ ...one, addresses: 123_456_789 })),
  };
}
