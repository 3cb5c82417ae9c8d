import type { AsnCounters, AsnRecount } from "@ipcascade/core";
import { ASN_LOCK } from "./migrations/0002_asn_triggers.ts";
import type { SqlClient } from "./sql_client.ts";

/** The counters of the ASNs in SQL. */
export function createSqlAsnCounters(sql: SqlClient): AsnCounters {
  return { recount: ({ dryRun }) => recount(sql, dryRun) };
}

const COUNTED = `counted as (
    select coalesce(a.asn_number, t.asn_number) as asn_number, coalesce(a.ip_count, 0) as told,
      coalesce(t.ips, 0) as ips, t.org
    from asn_inventory a full join (
      select asn_number, count(*) as ips, max(asn_org) as org
      from ip_inventory where asn_number is not null group by asn_number
    ) t on t.asn_number = a.asn_number
  )`;

const RESULT = `select count(*)::int as asns, coalesce(sum(ips), 0)::float8 as rows,
    count(*) filter (where told <> ips)::int as wrong, coalesce(sum(abs(told - ips)), 0)::float8 as drift
  from counted`;

const PUT_RIGHT = `put_right as (
    insert into asn_inventory as a (asn_number, asn_org, ip_count)
    select asn_number, org, ips from counted where told <> ips order by asn_number
    on conflict (asn_number) do update set ip_count = excluded.ip_count
  )`;

async function recount(sql: SqlClient, dryRun: boolean): Promise<AsnRecount> {
  return await sql.transaction(async (tx) => {
    // Transactions that move addresses wait at this lock before they change a counter: what they add is added after.
    await tx.query("select pg_advisory_xact_lock($1::bigint)", [ASN_LOCK]);
    const [row] = await tx.query<AsnRecount>(`with ${COUNTED}${dryRun ? "" : `, ${PUT_RIGHT}`} ${RESULT}`);
    return row!;
  });
}
