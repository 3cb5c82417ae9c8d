import type { SqlClient } from "../sql_client.ts";

/** The ASNs whose `ip_count` is not the number of rows that `ip_inventory` has of them. */
export function findMiscounts(sql: SqlClient): Promise<{ asn: number; told: number; real: number }[]> {
  return sql.query(
    `select asn_number::float8 as asn, coalesce(a.ip_count, 0)::float8 as told, coalesce(i.real, 0)::float8 as real
    from asn_inventory a
    full join (select asn_number, count(*) as real from ip_inventory where asn_number is not null group by 1) i
      using (asn_number)
    where coalesce(a.ip_count, 0) <> coalesce(i.real, 0)`,
  );
}
