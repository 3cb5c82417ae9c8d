import {
  type InventoryCoverage,
  type InventoryHealth,
  listSpecialNetworks,
  type StaleCounts,
} from "@ipcascade/core";
import { instant } from "./_instants.ts";
import { SqlParameters } from "./_sql_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/** The health of the inventory in SQL: one pass over it, and ranges of indexes. */
export function createSqlInventoryHealth(sql: SqlClient): InventoryHealth {
  return {
    countCoverage: () => countCoverage(sql),
    countStale: (now) => countStale(sql, now),
  };
}

// `XX` can't be stored by this program, but by whoever writes to the table besides it.
const COUNTS = `count(*)::int as addresses, count(asn_number)::int as "withAsn",
  count(nullif(geo_country, 'XX'))::int as "withCountry"`;

/** Special addresses are few and found by the key: comparing each row with each network would take seconds. */
async function countCoverage(sql: SqlClient): Promise<InventoryCoverage> {
  const params = new SqlParameters();
  const { networks, except } = listSpecialNetworks();
  const inOneOf = (list: readonly string[]) =>
    list.map((network) => `ip_address <<= ${params.bind(network)}::text::inet`).join(" or ");
  const special = `(${inOneOf(networks)}) and not (${inOneOf(except)})`;
  const [[all], [others]] = await Promise.all([
    sql.query<InventoryCoverage>(`select ${COUNTS} from ip_inventory`),
    sql.query<InventoryCoverage>(`select ${COUNTS} from ip_inventory where ${special}`, params.values),
  ]);
  return {
    addresses: all!.addresses - others!.addresses,
    withAsn: all!.withAsn - others!.withAsn,
    withCountry: all!.withCountry - others!.withCountry,
  };
}

/** Never asked stands at the beginning of time, see `cymru_due_at`. */
async function countStale(sql: SqlClient, now: number): Promise<StaleCounts> {
  const [row] = await sql.query<StaleCounts>(
    `select
      (select count(*) from ip_inventory
        where cymru_due_at > '-infinity' and cymru_due_at <= ${instant("$1")})::int as "cymruStale",
      (select count(*) from ip_inventory
        where greynoise_due_at > '-infinity' and greynoise_due_at <= ${
      instant("$1")
    })::int as "greynoiseStale",
      (select count(*) from ip_inventory where cymru_due_at = '-infinity')::int as "cymruNeverAsked",
      (select count(*) from ip_inventory where greynoise_due_at = '-infinity')::int as "greynoiseNeverAsked"`,
    [now],
  );
  return row!;
}
