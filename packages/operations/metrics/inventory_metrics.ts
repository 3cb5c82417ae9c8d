import {
  type InventoryCensusCounts,
  type ScalarMetric,
  SOURCE_NAMES,
  type SourceName,
} from "@ipcascade/core";
import { gauge, gauges, sampleEach, seconds } from "./gauge.ts";

/** The inventory, and when it was counted in milliseconds since 1970 UTC. */
export interface CountedInventory {
  readonly counts: InventoryCensusCounts;
  readonly countedAt: number;
}

/** What is in the inventory. */
export function describeInventory(counted: CountedInventory | null): readonly ScalarMetric[] {
  const counts = counted?.counts ?? null;
  const bySource = (name: string, help: string, value: (source: SourceName) => number | null) => {
    const sources = counts === null ? [] : SOURCE_NAMES;
    return gauges(name, help, sampleEach(sources, (source) => ({ source }), value));
  };
  const { coverage, sources } = counts ?? { coverage: null, sources: null };
  return [
    gauge("inventory_rows", "Addresses in the inventory.", counts?.rows ?? null),
    gauge(
      "inventory_global_addresses",
      "Those of global scope, the only ones that sources are asked about.",
      coverage?.addresses ?? null,
    ),
    gauge(
      "inventory_global_addresses_with_asn",
      "Addresses of global scope with an AS number.",
      coverage?.withAsn ?? null,
    ),
    gauge(
      "inventory_global_addresses_with_country",
      "Addresses of global scope with a country.",
      coverage?.withCountry ?? null,
    ),
    bySource("inventory_enriched", "Rows that the source knew something about.", (s) => sources![s].hits),
    bySource("inventory_missed", "Rows that the source knew nothing about.", (s) => sources![s].misses),
    bySource("inventory_failed", "Rows for which asking the source failed last.", (s) => sources![s].failed),
    bySource(
      "inventory_stale",
      "Rows whose answer is too old, or failed and due again.",
      (source) => countDue(counts!, source, "Stale"),
    ),
    bySource(
      "inventory_never_asked",
      "Rows that the source was never asked about though it is due.",
      (source) => countDue(counts!, source, "NeverAsked"),
    ),
    gauge(
      "inventory_counted_timestamp_seconds",
      "When the inventory was counted.",
      counted === null ? null : seconds(counted.countedAt),
    ),
  ];
}

/** MaxMind's rows are read again when another build is installed, not by their age. */
function countDue(
  { stale }: InventoryCensusCounts,
  source: SourceName,
  what: "Stale" | "NeverAsked",
): number | null {
  return source === "maxmind" ? null : stale[`${source}${what}`];
}
