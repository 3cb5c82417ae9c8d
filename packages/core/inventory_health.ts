/** How much of the inventory is covered. Only global unicast addresses count: nobody can be asked about others. */
export interface InventoryCoverage {
  readonly addresses: number;
  /** Addresses with an AS number. */
  readonly withAsn: number;
  /** Addresses with a country. */
  readonly withCountry: number;
}

/** Rows by what is due (runbook: Morning Health Check). */
export interface DueCounts {
  /** Answered by Cymru too long ago, or failed and due again. */
  readonly cymruStale: number;
  /** Answered by GreyNoise too long ago, or failed and due again. */
  readonly greynoiseStale: number;
  /** Never asked of Cymru, though MaxMind has no ASN. */
  readonly cymruNeverAsked: number;
  /** Never asked of GreyNoise. */
  readonly greynoiseNeverAsked: number;
}

/** Everything that is counted, at one moment. */
export interface InventoryCounts {
  readonly coverage: InventoryCoverage;
  readonly stale: DueCounts;
}

/** The inventory as its health is checked. */
export interface InventoryHealth {
  /** Counts in one pass over the rows. `now` is in milliseconds since 1970 UTC. Throws `StoreError`. */
  count(now: number): Promise<InventoryCounts>;
}
