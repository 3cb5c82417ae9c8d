import type { Clock, RateName } from "@ipcascade/core";
import { createSharedLimiter, createTokenBucket, CYMRU_RATES, type Limiter } from "@ipcascade/sources";
import { createSqlRateLedger, type SqlClient } from "@ipcascade/store";

/** How much is asked: `burst` is what one process alone may send at once after a rest. */
const RATES: Readonly<Record<RateName, { readonly ratePerSecond: number; readonly burst: number }>> = {
  cymru_dns: CYMRU_RATES.questions,
  cymru_whois: CYMRU_RATES.sessions,
  // GreyNoise asks for no more than ten requests a second.
  greynoise: { ratePerSecond: 10, burst: 1 },
};

/** One limiter for each rate. */
export type Limiters = Readonly<Record<RateName, Limiter>>;

/** What pacing needs. */
export interface LimiterDeps {
  readonly clock: Clock;
  /** The database of a server, which others use too; null where this process holds its database alone. */
  readonly shared: SqlClient | null;
}

/** Paces all processes on a server together, and a process with an embedded database by itself. */
export function createLimiters({ clock, shared }: LimiterDeps): Limiters {
  const ledger = shared === null ? null : createSqlRateLedger(shared);
  const create = (name: RateName) =>
    ledger === null
      ? createTokenBucket({ ...RATES[name], clock })
      : createSharedLimiter({ ledger, name, ratePerSecond: RATES[name].ratePerSecond, clock });
  return {
    cymru_dns: create("cymru_dns"),
    cymru_whois: create("cymru_whois"),
    greynoise: create("greynoise"),
  };
}
