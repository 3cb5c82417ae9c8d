import type { DueQuery, DueRow, RemoteSource, WorkHolder } from "@ipcascade/core";
import { whereDue, whereFree } from "./_due_rows.ts";
import { readAddress } from "./_inventory_row.ts";
import { arrayLiteral, cleanText } from "./_parameters.ts";
import { SqlParameters } from "./_sql_parameters.ts";
import type { SqlClient } from "./sql_client.ts";
import { LEASE_END } from "./work_holder.ts";

/** Says that the holder is there, in the same statement: one that was taken for gone comes back. */
function aliveAnd(holder: WorkHolder, params: SqlParameters): string {
  return `alive as (
      insert into work_holder (id, owner, expires_at)
      values (${params.bind(holder.id)}::text, ${params.bind(cleanText(holder.owner))}::text, ${LEASE_END})
      on conflict (id) do update set expires_at = excluded.expires_at
    )`;
}

/**
 * Inserts claims of the `ip_address` of `rows` and gives the taken ones as `taken`. A claim of a holder that is gone is
 * taken over; one whose holder this statement can't see yet has just been made. The order keeps two claimants from waiting for each other in a circle.
 */
function takeFrom(rows: string, holder: WorkHolder, source: RemoteSource, params: SqlParameters): string {
  return `${aliveAnd(holder, params)}, taken as (
      insert into work_claim as c (source, ip_address, holder)
      select ${params.bind(source)}::text, ip_address, ${params.bind(holder.id)}::text
      from ${rows} order by ip_address
      on conflict (source, ip_address) do update set holder = excluded.holder
      where c.holder = excluded.holder or exists (
        select from work_holder h where h.id = c.holder and h.expires_at <= clock_timestamp()
      )
      returning ip_address
    )`;
}

const TAKEN = "select string_agg(host(ip_address), ',') as addresses from taken";

function readTaken(rows: readonly { readonly addresses: string | null }[]): string[] {
  return rows[0]!.addresses?.split(",").map(readAddress) ?? [];
}

/** Takes those of the addresses that nobody else has. */
export async function takeAddresses(
  sql: SqlClient,
  holder: WorkHolder,
  source: RemoteSource,
  addresses: readonly string[],
): Promise<ReadonlySet<string>> {
  if (addresses.length === 0) return new Set();
  const params = new SqlParameters();
  const wanted = `unnest(${params.bind(arrayLiteral(addresses))}::text::inet[]) as u(ip_address)`;
  return new Set(readTaken(
    await sql.query(`with ${takeFrom(wanted, holder, source, params)} ${TAKEN}`, params.values),
  ));
}

/** Takes the first of the rows that are due and free, in the order given. */
export async function claimRows(
  sql: SqlClient,
  holder: WorkHolder,
  source: RemoteSource,
  query: DueQuery,
  { addresses, limit }: { readonly addresses: readonly string[]; readonly limit: number },
): Promise<readonly DueRow[]> {
  if (addresses.length === 0) return [];
  const params = new SqlParameters();
  const wanted = `unnest(${
    params.bind(arrayLiteral(addresses))
  }::text::inet[]) with ordinality as u(ip, place)`;
  const mine = readTaken(
    await sql.query(
      `with free as (
        select i.ip_address from ${wanted} join ip_inventory i on i.ip_address = u.ip
        where ${whereDue(source, query, params)} and ${whereFree(source, params)}
        order by u.place limit ${params.bind(limit)}::int
      ), ${takeFrom("free", holder, source, params)} ${TAKEN}`,
      params.values,
    ),
  );
  if (mine.length === 0) return [];
  // A second look: what others finished while this one claimed is not due any more.
  const due = await readDue(sql, source, query, mine);
  const gone = mine.filter((address) => !due.has(address));
  if (gone.length > 0) await releaseAddresses(sql, holder, source, gone);
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
    `select string_agg(${DUE_ROW}, ',') as rows
    from unnest(${chosen}::text::inet[]) as u(ip) join ip_inventory i on i.ip_address = u.ip
    where ${whereDue(source, query, params)}`
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

/** Gives addresses back. */
export async function releaseAddresses(
  sql: SqlClient,
  holder: WorkHolder,
  source: RemoteSource,
  addresses: readonly string[],
): Promise<void> {
  if (addresses.length === 0) return;
  await sql.query(
    `delete from work_claim c using unnest($3::text::inet[]) as u(ip)
    where c.source = $1::text and c.ip_address = u.ip and c.holder = $2::text`,
    [source, holder.id, arrayLiteral(addresses)],
  );
}
