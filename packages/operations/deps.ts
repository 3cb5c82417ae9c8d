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
} from "@ipcascade/core";

/** Everything the cascade works with. */
export interface EnrichDeps {
  readonly inventory: InventoryStore;
  readonly maxmind: MaxmindSource;
  readonly cymru: CymruSource;
  readonly greynoise: GreynoiseSource;
  readonly quota: QuotaLedger;
  readonly circuits: CircuitStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}
