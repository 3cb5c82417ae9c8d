import type { Cursor, DueQuery, DueRow, InstalledEditions, MaxmindPage, SourceUpdate } from "@ipcascade/core";
import { filterConditions } from "./_due_rows.ts";
import { instant } from "./_instants.ts";
import { raiseMemory } from "./_memory.ts";
import type { PageRange } from "./_due_page.ts";
import { updateRows } from "./_source_updates.ts";
import { SqlParameters } from "./_sql_parameters.ts";
import { DUE_ROW, readDueRows } from "./_work_claims.ts";
import type { SqlClient } from "./sql_client.ts";

const BUILDS = "coalesce(i.city_build_epoch, 0), coalesce(i.asn_build_epoch, 0)";

/**
 * The parts of the outdated rows, one after the other: each is one stretch of an index. Rows of the installed builds
 * themselves are due where their record could not be read.
 */
const PARTS = ["older", "newer", "failed"] as const;
type Part = (typeof PARTS)[number] | "all";

function builds(installed: InstalledEditions, params: SqlParameters): string {
  const bind = (epoch: number | null) => `${params.bind(epoch ?? 0)}::bigint`;
  return `(${bind(installed.cityBuildEpoch)}, ${bind(installed.asnBuildEpoch)})`;
}

function wherePart(
  part: Part,
  installed: InstalledEditions,
  query: DueQuery,
  params: SqlParameters,
): string[] {
  const conditions = filterConditions(query.filter, params);
  if (part === "all") return ["true", ...conditions];
  conditions.push(
    `(i.maxmind_outcome is distinct from 'failed' or coalesce(i.maxmind_retry_at, '-infinity') <= ${
      instant(params.bind(query.now))
    })`,
  );
  if (part === "failed") conditions.push("i.maxmind_outcome = 'failed'");
  const sign = { older: "<", newer: ">", failed: "=" }[part];
  return [`(${BUILDS}) ${sign} ${builds(installed, params)}`, ...conditions];
}

/** Rows that were read from other editions, or not at all. */
export async function countOutdated(
  sql: SqlClient,
  installed: InstalledEditions,
  query: DueQuery,
): Promise<number> {
  const params = new SqlParameters();
  const counts = partsOf(query).map((part) =>
    `(select count(*) from ip_inventory i where ${wherePart(part, installed, query, params).join(" and ")})`
  );
  const [row] = await sql.query<{ count: number }>(
    `select (${counts.join(" + ")})::int as count`,
    params.values,
  );
  return row!.count;
}

function partsOf(query: DueQuery): readonly Part[] {
  return query.force ? ["all"] : PARTS;
}

/** Where a part goes on: its name and the last row of it, by builds and address. */
interface Place {
  readonly part: Part;
  readonly last: { readonly city: string; readonly asn: string; readonly address: string } | null;
}

function readPlace(cursor: Cursor | null, query: DueQuery): Place {
  if (cursor === null) return { part: partsOf(query)[0]!, last: null };
  const [part = "", city = "", asn = "", address = ""] = cursor.split("|");
  return { part: part as Part, last: address === "" ? null : { city, asn, address } };
}

/**
 * Takes a page of outdated rows, has them read and writes the result, in one transaction. A row that another
 * transaction has at hand is left to it: two workers share the work, and one that is killed leaves nothing behind.
 */
export async function readOutdated(
  sql: SqlClient,
  installed: InstalledEditions,
  query: DueQuery,
  range: PageRange,
  read: (rows: readonly DueRow[]) => readonly SourceUpdate[],
): Promise<MaxmindPage> {
  const place = readPlace(range.after, query);
  return await sql.transaction(async (tx) => {
    await raiseMemory(tx);
    const { rows, last } = await takePage(tx, place, installed, query, range.limit);
    if (rows.length > 0) await updateRows(tx, "maxmind", read(rows), installed);
    return { read: rows.length, next: nextPlace(place.part, rows.length < range.limit ? null : last, query) };
  });
}

function nextPlace(part: Part, last: string | null, query: DueQuery): Cursor | null {
  if (last !== null) return `${part}|${last}`;
  const parts = partsOf(query);
  return parts[parts.indexOf(part) + 1] ?? null;
}

async function takePage(
  tx: SqlClient,
  { part, last }: Place,
  installed: InstalledEditions,
  query: DueQuery,
  limit: number,
): Promise<{ readonly rows: readonly DueRow[]; readonly last: string | null }> {
  const params = new SqlParameters();
  const conditions = wherePart(part, installed, query, params);
  // Forced and failed rows go by their address alone, the others by the index of builds.
  const byAddress = part === "all" || part === "failed";
  const key = byAddress ? "i.ip_address" : `${BUILDS}, i.ip_address`;
  if (last !== null) {
    const address = `${params.bind(last.address)}::text::inet`;
    const bound = byAddress
      ? address
      : `${params.bind(last.city)}::text::bigint, ${params.bind(last.asn)}::text::bigint, ${address}`;
    conditions.push(`(${key}) > (${bound})`);
  }
  const [page] = await tx.query<{ rows: string | null; last: string | null }>(
    `with page as (
      select i.ip_address, concat_ws('|', ${BUILDS}, host(i.ip_address)) as place,
        ${DUE_ROW.replaceAll("SOURCE", "maxmind")} as row
      from ip_inventory i where ${conditions.join(" and ")}
      order by ${key} limit ${params.bind(limit)}::int for no key update skip locked
    ), numbered as (select *, row_number() over () as number from page)
    select string_agg(row, ',') as rows, (array_agg(place order by number desc))[1] as last from numbered`,
    params.values,
  );
  return { rows: readDueRows(page!.rows), last: page!.last };
}
