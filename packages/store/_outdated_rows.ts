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
  // An address has one spelling here; what others wrote in another one could not be written back.
  conditions.push("not i.ip_address <<= '::ffff:0.0.0.0/96'");
  if (part === "all") return conditions;
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

/** Where a part goes on: its name, and the last address of it where it is gone through by address. */
interface Place {
  readonly part: Part;
  readonly after: string | null;
}

function readPlace(cursor: Cursor | null, query: DueQuery): Place {
  if (cursor === null) return { part: partsOf(query)[0]!, after: null };
  const [part = "", after = ""] = cursor.split("|");
  return { part: part as Part, after: after === "" ? null : after };
}

/** Forced and failed rows stay where they are, so they are gone through by address; the others leave their part. */
function isByAddress(part: Part): boolean {
  return part === "all" || part === "failed";
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
    const written = rows.length === 0 ? 0 : await updateRows(tx, "maxmind", read(rows), installed);
    const isLast = rows.length < range.limit || written === 0;
    return { read: rows.length, next: isLast ? nextPart(place.part, query) : goOn(place.part, last) };
  });
}

function goOn(part: Part, last: string | null): Cursor {
  return isByAddress(part) ? `${part}|${last}` : part;
}

function nextPart(part: Part, query: DueQuery): Cursor | null {
  const parts = partsOf(query);
  return parts[parts.indexOf(part) + 1] ?? null;
}

async function takePage(
  tx: SqlClient,
  { part, after }: Place,
  installed: InstalledEditions,
  query: DueQuery,
  limit: number,
): Promise<{ readonly rows: readonly DueRow[]; readonly last: string | null }> {
  // Without statistics, as on the embedded database, each page would look through all rows that are done.
  await tx.query("select set_config('enable_seqscan', 'off', true)");
  const params = new SqlParameters();
  const conditions = wherePart(part, installed, query, params);
  if (after !== null) conditions.push(`i.ip_address > ${params.bind(after)}::text::inet`);
  const order = isByAddress(part) ? "order by i.ip_address" : "";
  const [page] = await tx.query<{ rows: string | null; last: string | null }>(
    `with page as (
      select i.ip_address, ${DUE_ROW.replaceAll("SOURCE", "maxmind")} as row
      from ip_inventory i where ${conditions.join(" and ")}
      ${order} limit ${params.bind(limit)}::int for no key update skip locked
    )
    select string_agg(row, ',') as rows, host(max(ip_address)) as last from page`,
    params.values,
  );
  return { rows: readDueRows(page!.rows), last: page!.last };
}
