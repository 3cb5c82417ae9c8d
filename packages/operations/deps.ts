import type {
  CircuitStore,
  Clock,
  CymruSource,
  GreynoiseSource,
  InventoryStore,
  Log,
  MaxmindSource,
  QuotaLedger,
  Random,
  WorkClaims,
} from "@ipcascade/core";

/** Everything the cascade works with. */
export interface EnrichDeps {
  readonly inventory: InventoryStore;
  readonly maxmind: MaxmindSource;
  readonly cymru: CymruSource;
  readonly greynoise: GreynoiseSource;
  readonly quota: QuotaLedger;
  readonly circuits: CircuitStore;
  /** Keeps several processes from asking about the same address at once. */
  readonly claims: WorkClaims;
  /** Who works, for others who look at the claims. */
  readonly owner: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}
