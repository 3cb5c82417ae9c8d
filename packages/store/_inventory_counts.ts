import { type InventoryCoverage, listSpecialNetworks } from "@ipcascade/core";
import { instant } from "./_instants.ts";
import { SqlParameters } from "./_sql_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/** The columns of `InventoryCoverage`. `XX` can't be stored by this program, but by whoever writes to the table besides it. */
export const COVERAGE = `count(*)::int as addresses, count(asn_number)::int as "withAsn",
  count(nullif(geo_country, 'XX'))::int as "withCountry"`;

/**
 * The columns of `DueCounts`; `$1` is now. Never asked stands at the beginning of time, see `cymru_due_at`. Coverage takes
 * a pass over all rows, which is faster than an index of which the server has to look up the rows.
 */
export const STALE = (["cymru", "greynoise"] as const).map((source) =>
  `count(*) filter (where ${source}_due_at > '-infinity' and ${source}_due_at <= ${instant("$1")})::int
    as "${source}Stale",
  count(*) filter (where ${source}_due_at = '-infinity')::int as "${source}NeverAsked"`
).join(", ");

/** The coverage of all rows without the special addresses, of which these are the counts. */
export function withoutSpecial(all: InventoryCoverage, special: InventoryCoverage): InventoryCoverage {
  return {
    addresses: all.addresses - special.addresses,
    withAsn: all.withAsn - special.withAsn,
    withCountry: all.withCountry - special.withCountry,
  };
}

/** Special addresses are few and found by the key: comparing each row with each network would take seconds. */
export async function countSpecial(sql: SqlClient): Promise<InventoryCoverage> {
  const params = new SqlParameters();
  const { networks, except } = listSpecialNetworks();
  const inOneOf = (list: readonly string[]) =>
    list.map((network) => `ip_address <<= ${params.bind(network)}::text::inet`).join(" or ");
  const isSpecial = `(${inOneOf(networks)}) and not (${inOneOf(except)})`;
  const [row] = await sql.query<InventoryCoverage>(
    `select ${COVERAGE} from ip_inventory where ${isSpecial}`,
    params.values,
  );
  return row!;
}
