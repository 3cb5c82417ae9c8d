import type { InventoryCounts } from "./inventory_health.ts";
import type { SourceName } from "./outcome.ts";

/** How asking one source ended the last time, in rows. */
export interface SourceCensus {
  /** It answered with something. */
  readonly hits: number;
  /** It answered that it knows nothing. */
  readonly misses: number;
  readonly failed: number;
}

/** Everything that is counted of the inventory, at one moment. */
export interface InventoryCensusCounts extends InventoryCounts {
  /** Whatever their scope. */
  readonly rows: number;
  readonly sources: Readonly<Record<SourceName, SourceCensus>>;
}

/** The inventory as it is counted for monitoring. */
export interface InventoryCensus {
  /** Counts in one pass over the rows. `now` is in milliseconds since 1970 UTC. Throws `StoreError`. */
  count(now: number): Promise<InventoryCensusCounts>;
}
