import { MS_PER_DAY } from "@ipcascade/core";
import type { SqlClient } from "@ipcascade/store";
import { CUT_QUOTA, weekOf } from "./greynoise_account.ts";
import type { LivedPlan } from "./live.ts";
import { isIn } from "./plan.ts";

interface Counts {
  readonly addresses: number;
  readonly withAsn: number;
  readonly withCountry: number;
  /** Answers of Team Cymru that are older than they may be, and a week. */
  readonly cymruOld: number;
  /** Rows that were read from another build than the one before last. */
  readonly maxmindOld: number;
  readonly neverAsked: number;
}

/** Shares of what is global: the world does not know all of it. */
const MIN_ASN = 0.95;
const MIN_COUNTRY = 0.85;

/** Nearly all that can be known is known, and is as fresh as it may be. */
export async function judgeInventory(lived: LivedPlan): Promise<readonly string[]> {
  const counts = await count(lived);
  const { addresses, withAsn, withCountry, cymruOld, maxmindOld, neverAsked } = counts;
  return [
    addresses === lived.honeypot.addresses ? null : `${addresses} addresses are stored`,
    withAsn >= addresses * MIN_ASN ? null : `${withAsn} of ${addresses} have an ASN`,
    withCountry >= addresses * MIN_COUNTRY ? null : `${withCountry} of ${addresses} have a country`,
    cymruOld === 0 ? null : `${cymruOld} answers of Team Cymru are too old`,
    maxmindOld === 0 ? null : `${maxmindOld} rows are of an edition that went long ago`,
    neverAsked === 0 ? null : `${neverAsked} addresses were never looked up`,
    lived.greynoiseOld === 0
      ? null
      : `${lived.greynoiseOld} answers of GreyNoise were too old before the cut`,
  ].filter((broken) => broken !== null);
}

/** Counts what is judged. */
export async function count({ world }: LivedPlan): Promise<Counts> {
  const { clock, sql, cascade } = world;
  const { cityBuildEpoch = 0 } = cascade.maxmind.installed ?? {};
  const [counts] = await sql.query<Counts>(
    `select count(*)::int as addresses, count(asn_number)::int as "withAsn",
      count(geo_country)::int as "withCountry",
      count(*) filter (where cymru_outcome in ('hit', 'miss')
        and cymru_attempted_at < to_timestamp($1::float8 / 1000) - interval '97 days')::int as "cymruOld",
      count(*) filter (where maxmind_outcome is not null
        and city_build_epoch < $2::bigint - 8 * 86400)::int as "maxmindOld",
      count(*) filter (where maxmind_attempted_at is null)::int as "neverAsked"
    from ip_inventory`,
    [clock.now(), cityBuildEpoch],
  );
  return counts!;
}

/** After the cut there is more to ask than may be asked; what comes in at the end of a week may find some left. */
const MIN_USED = 0.6;
const WEEK = 7 * MS_PER_DAY;

/** The most requests that were on their way when the quota was cut. */
const MAX_UNDER_WAY = 20;

/** GreyNoise's own books: never asked for more than it allows, once it has said what that is, and used while it lasts. */
export function judgeQuota({ plan, world }: LivedPlan): readonly string[] {
  const { answered, refused } = world.greynoise;
  const cutWeek = weekOf(plan.quotaCutAt);
  const broken = [...refused].filter(([window, requests]) => window !== cutWeek || requests > MAX_UNDER_WAY)
    .map(([window, requests]) => `${requests} requests too many in the ${window}`);
  for (let at = plan.quotaCutAt; at < plan.time.until - WEEK; at += WEEK) {
    const used = answered.get(weekOf(at)) ?? 0;
    if (used < CUT_QUOTA.limit * MIN_USED && !isIn(plan.downtime, at + WEEK - 1)) {
      broken.push(`only ${used} requests in the ${weekOf(at)}`);
    }
  }
  return broken;
}

/** Answers of GreyNoise that are older than they may be, and a week: refreshing comes once a week. */
export async function countGreynoiseOld(sql: SqlClient, now: number): Promise<number> {
  const [row] = await sql.query<{ old: number }>(
    `select count(*) filter (where scanner_ts < to_timestamp($1::float8 / 1000) - interval '14 days'
      or greynoise_attempted_at is null and family(ip_address) = 4)::int as old from ip_inventory`,
    [now],
  );
  return row!.old;
}
