import type { DueQuery, DueRow, RemoteSource } from "@ipcascade/core";
import { whereDue } from "./_due_rows.ts";
import { readAddress } from "./_inventory_row.ts";
import { arrayLiteral } from "./_parameters.ts";
import { SqlParameters } from "./_sql_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

// A claim of a holder that is gone is taken over. The order keeps two claimants from waiting for each other in a circle.
const TAKE = `with taken as (
    insert into work_claim as c (source, ip_address, holder)
    select $1::text, u.ip, $2::text from unnest($3::text::inet[]) with ordinality as u(ip, place) order by u.place
    on conflict (source, ip_address) do update set holder = excluded.holder
    where not exists (
      select from work_holder h where h.id = c.holder and h.expires_at > clock_timestamp()
    )
    returning ip_address
  )
  select string_agg(host(ip_address), ',') as addresses from taken`;

/** Takes those rows that are free and still due, in the order given. */
export async function claimRows(
  sql: SqlClient,
  holderId: string,
  source: RemoteSource,
  query: DueQuery,
  addresses: readonly string[],
): Promise<readonly DueRow[]> {
  if (addresses.length === 0) return [];
  const [taken] = await sql.query<{ addresses: string | null }>(
    TAKE,
    [source, holderId, arrayLiteral([...addresses].sort())],
  );
  if (taken!.addresses === null) return [];
  const mine = taken!.addresses.split(",").map(readAddress);
  // A second look: what others finished between the listing and the claim is not due any more.
  const due = await readDue(sql, source, query, mine);
  const gone = mine.filter((address) => !due.has(address));
  if (gone.length > 0) await releaseRows(sql, holderId, source, gone);
  return addresses.flatMap((address) => due.get(address) ?? []);
}

async function readDue(
  sql: SqlClient,
  source: RemoteSource,
  query: DueQuery,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, DueRow>> {
  const params = new SqlParameters();
  const chosen = params.bind(arrayLiteral(addresses));
  const [found] = await sql.query<{ rows: string | null }>(
    `select string_agg(${DUE_ROW}, ',') as rows from ip_inventory i
    where i.ip_address = any(${chosen}::text::inet[]) and ${whereDue(source, query, params)}`
      .replaceAll("SOURCE", source),
    params.values,
  );
  return new Map(readDueRows(found!.rows).map((row) => [row.ipAddress, row]));
}

/** A row `i` as `readDueRows` reads it; `SOURCE` stands for the source's name. */
export const DUE_ROW = `concat(host(i.ip_address), ' ', i.SOURCE_failures, ' ',
  coalesce(i.maxmind_outcome, 'skipped') <> 'skipped')`;

/** Reads rows joined with commas. */
export function readDueRows(text: string | null): DueRow[] {
  if (text === null) return [];
  return text.split(",").map((row) => {
    const [address = "", failures = "", known = ""] = row.split(" ");
    return { ipAddress: readAddress(address), failures: Number(failures), knownToMaxmind: known === "t" };
  });
}

/** Gives rows back. */
export async function releaseRows(
  sql: SqlClient,
  holderId: string,
  source: RemoteSource,
  addresses: readonly string[],
): Promise<void> {
  if (addresses.length === 0) return;
  await sql.query(
    `delete from work_claim where source = $1::text and holder = $2::text
      and ip_address = any($3::text::inet[])`,
    [source, holderId, arrayLiteral(addresses)],
  );
}
