import type { AsnCount } from "@ipcascade/core";
import { NOT_GLOBAL } from "./_scope_sql.ts";
import type { SqlClient } from "./sql_client.ts";

/** How many autonomous systems there are, and those with most addresses. */
export interface CoverageAsns {
  readonly asns: number;
  readonly topAsns: readonly AsnCount[];
}

const TOP = 10;

const COUNTED =
  `select asn_number, ip_count as addresses from asn_inventory where ip_count > 0 and asn_number > 0`;

const RECOUNTED = `select asn_number, count(*) as addresses from ip_inventory
  where asn_number > 0 and coalesce(enrichment #>> '{address,scope}' = 'global', not ${NOT_GLOBAL})
  group by asn_number`;

/**
 * Grouped by number, one name each: that of `asn_inventory`. Its counters are used when they add up to `expected`,
 * for counting the rows costs as much as all the rest; otherwise the rows are counted.
 */
export async function countAsns(
  sql: SqlClient,
  options: { readonly expected: number; readonly areCountersGlobal: boolean },
): Promise<CoverageAsns> {
  if (options.areCountersGlobal) {
    const { total, ...counted } = await readAsns(sql, COUNTED);
    if (total === options.expected) return counted;
  }
  const { total: _, ...recounted } = await readAsns(sql, RECOUNTED);
  return recounted;
}

interface AsnsRow {
  readonly total: number;
  readonly asns: number;
  readonly top: string;
}

async function readAsns(sql: SqlClient, counted: string): Promise<CoverageAsns & { readonly total: number }> {
  const [row] = await sql.query<AsnsRow>(
    `with counted as materialized (${counted}),
      top as (select asn_number, addresses from counted order by addresses desc, asn_number limit $1::int)
    select coalesce(sum(addresses), 0)::float8 as total, count(*)::int as asns,
      (select coalesce(json_agg(json_build_object('number', t.asn_number, 'org', a.asn_org, 'addresses', t.addresses)
          order by t.addresses desc, t.asn_number), '[]')::text
        from top t left join asn_inventory a on a.asn_number = t.asn_number) as top
    from counted`,
    [TOP],
  );
  return { total: row!.total, asns: row!.asns, topAsns: JSON.parse(row!.top) as AsnCount[] };
}
