import type {
  Clock,
  CreateHasher,
  EditionCanary,
  EditionProvider,
  EditionStore,
  Log,
  Random,
  VerifyEdition,
} from "@ipcascade/core";

/** What an open database says about itself. */
export interface EditionInspection {
  readonly database_type: string;
  /** Seconds since 1970 UTC. */
  readonly build_epoch: number;
}

/** The ports of what is done with editions. */
export interface EditionDeps {
  readonly store: EditionStore;
  readonly verify: VerifyEdition;
  /** Reads a database's metadata alone. Throws `EditionUnreadableError`. */
  readonly inspect: (bytes: Uint8Array) => EditionInspection;
  readonly createHasher: CreateHasher;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The ports of what asks a provider as well. */
export interface EditionUpdateDeps extends EditionDeps {
  readonly provider: EditionProvider;
}

/** What is configured about editions. */
export interface EditionPolicy {
  /** As configured, such as `GeoLite2-City GeoLite2-ASN`. */
  readonly editionIds: readonly string[];
  readonly canaries: readonly EditionCanary[];
  /** How far size and network count may be from the installed ones before it is told, in percent. */
  readonly maxChangePercent: number;
  /** Sets kept besides the one that serves. */
  readonly keepSets: number;
}
