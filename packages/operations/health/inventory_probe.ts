import {
  type Clock,
  COVERAGE_PERCENT,
  describeCheck,
  type DueCounts,
  type ExpectedCheck,
  gradeCoverage,
  type HealthCheck,
  type InventoryCoverage,
} from "@ipcascade/core";
import { createStoreProbe, DATABASE_PAGE, type HealthDatabase } from "./database.ts";
import type { HealthProbe } from "./probe.ts";

const COVERAGE: ExpectedCheck = { name: "coverage", group: "inventory", fix: DATABASE_PAGE };

/** How many of the global addresses have an ASN, and how many rows are due. */
export function createInventoryProbe(
  { database, clock }: { readonly database: HealthDatabase; readonly clock: Clock },
): HealthProbe {
  const expected = [COVERAGE, ...STALE.map(({ name, group }) => ({ name, group, fix: DATABASE_PAGE }))];
  return createStoreProbe(database, expected, async ({ inventory }) => {
    const { coverage, stale } = await inventory.count(clock.now());
    return [describeCoverage(coverage), ...describeStale(stale)];
  });
}

function describeCoverage({ addresses, withAsn, withCountry }: InventoryCoverage): HealthCheck {
  const grade = gradeCoverage(withAsn, addresses);
  const message = addresses === 0
    ? "no address is stored yet"
    : `${percentOf(withAsn, addresses)} % of ${addresses} addresses have an ASN, ${
      percentOf(withCountry, addresses)
    } % a country`;
  return describeCheck(COVERAGE, {
    grade,
    observed: addresses === 0 ? null : percentOf(withAsn, addresses),
    unit: "%",
    warning: { below: COVERAGE_PERCENT.warning },
    critical: { below: COVERAGE_PERCENT.critical },
    max: 100,
    message,
    fix: grade === "ok" ? null : addresses === 0 ? "docs/enrich.md" : "ipcascade backfill",
  });
}

/** With two decimals, rounded down: what is below a limit is not shown at it. */
function percentOf(part: number, whole: number): number {
  return Math.floor((part * 10_000) / whole) / 100;
}

/** Counts of due rows, what they are called, and what asks about them. */
const STALE: readonly (ExpectedCheck & { readonly count: keyof DueCounts; readonly words: string })[] = [
  {
    name: "cymru_stale",
    count: "cymruStale",
    words: "answers of Cymru are older than 90 days, or failed and due again",
    fix: "ipcascade refresh --source cymru",
    group: "inventory",
  },
  {
    name: "greynoise_stale",
    count: "greynoiseStale",
    words: "answers of GreyNoise are older than 7 days, or failed and due again",
    fix: "ipcascade refresh --source greynoise",
    group: "inventory",
  },
  {
    name: "cymru_never_asked",
    count: "cymruNeverAsked",
    words: "addresses without MaxMind's ASN that Cymru was never asked about",
    fix: "ipcascade refresh --source cymru",
    group: "inventory",
  },
  {
    name: "greynoise_never_asked",
    count: "greynoiseNeverAsked",
    words: "addresses that GreyNoise was never asked about",
    fix: "ipcascade refresh --source greynoise",
    group: "inventory",
  },
];

/** Between two refreshes some rows always are due, so that it is no fault by itself. */
function describeStale(counts: DueCounts): readonly HealthCheck[] {
  return STALE.map((one) => {
    const count = counts[one.count];
    return describeCheck(one, {
      grade: count === 0 ? "ok" : "info",
      observed: count,
      unit: "rows",
      message: `${count} ${one.words}`,
      fix: count === 0 ? null : one.fix,
    });
  });
}
