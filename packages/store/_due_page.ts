import {
  type Cursor,
  type DuePage,
  type DueQuery,
  formatInstant,
  type RemoteSource,
  type SkipMark,
} from "@ipcascade/core";
import { whereDue, whereFree } from "./_due_rows.ts";
import { instant } from "./_instants.ts";
import { readAddress } from "./_inventory_row.ts";
import { arrayLiteral } from "./_parameters.ts";
import { provenanceSet } from "./_provenance_sql.ts";
import { lockRows } from "./_source_updates.ts";
import { SqlParameters } from "./_sql_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/** Which part of the due rows. */
export interface PageRange {
  readonly after: Cursor | null;
  readonly limit: number;
}

/** How the due rows `i` of a source are ordered, and by which text a listing goes on after one of them. */
interface DueOrder {
  readonly columns: readonly string[];
  readonly types: readonly string[];
  readonly direction: "asc" | "desc";
}

const ORDERS: Readonly<Record<RemoteSource, DueOrder>> = {
  cymru: { columns: ["i.ip_address"], types: ["inet"], direction: "asc" },
  // Quota is scarce: the busiest first.
  greynoise: {
    columns: ["i.observation_count", "coalesce(i.last_seen_at, '-infinity')", "i.ip_address"],
    types: ["bigint", "timestamptz", "inet"],
    direction: "desc",
  },
};

const SEPARATOR = "|";

function pageStatement(
  source: RemoteSource,
  query: DueQuery,
  { after, limit }: PageRange,
  params: SqlParameters,
  more?: string,
): string {
  const { columns, types, direction } = ORDERS[source];
  const conditions = [whereDue(source, query, params), whereFree(source, params)];
  if (more !== undefined) conditions.push(more);
  if (after !== null) {
    const last = after.split(SEPARATOR).map((text, index) => `${params.bind(text)}::text::${types[index]}`);
    conditions.push(`(${columns.join(", ")}) ${direction === "asc" ? ">" : "<"} (${last.join(", ")})`);
  }
  const cursor = columns.map((column) => `(${column})::text`).join(`, '${SEPARATOR}', `);
  const order = columns.map((column) => `${column} ${direction}`).join(", ");
  return `select i.ip_address, concat(${cursor}) as cursor, row_number() over (order by ${order}) as place
    from ip_inventory i where ${conditions.join(" and ")}
    order by ${order} limit ${params.bind(limit)}::int`;
}

/** Due rows that nobody works on. */
export async function listDue(
  sql: SqlClient,
  source: RemoteSource,
  query: DueQuery,
  range: PageRange,
): Promise<DuePage> {
  const params = new SqlParameters();
  return await readPage(sql, pageStatement(source, query, range, params), range, params);
}

async function readPage(
  sql: SqlClient,
  page: string,
  { limit }: PageRange,
  params: SqlParameters,
): Promise<DuePage> {
  const [row] = await sql.query<{ addresses: string | null; count: number; last: string | null }>(
    `select string_agg(host(ip_address), ',' order by place) as addresses, count(*)::int as count,
      (array_agg(cursor order by place desc))[1] as last
    from (${page}) page`,
    params.values,
  );
  const { addresses, count, last } = row!;
  return {
    addresses: addresses === null ? [] : addresses.split(",").map(readAddress),
    next: count < limit ? null : last,
  };
}

/**
 * Notes in due rows that nobody works on why they were left alone. What their source said or how it failed before
 * stays, with its stamp; rows that say the same already are passed over.
 */
export async function markSkipped(
  sql: SqlClient,
  source: RemoteSource,
  query: DueQuery,
  mark: SkipMark,
  range: PageRange,
): Promise<{ readonly marked: number; readonly next: Cursor | null }> {
  const params = new SqlParameters();
  const unsaid = whereUnsaid(source, mark, params);
  const page = await readPage(sql, pageStatement(source, query, range, params, unsaid), range, params);
  if (page.addresses.length === 0) return { marked: 0, next: null };
  const marked = await sql.transaction(async (tx) => {
    await lockRows(tx, page.addresses);
    return await markRows(tx, source, query, mark, page.addresses);
  });
  return { marked, next: page.next };
}

/** The condition by which a row `i` does not say yet that it was left alone for this reason and so long. */
function whereUnsaid(source: RemoteSource, { reason, until }: SkipMark, params: SqlParameters): string {
  const said = `i.enrichment #> '{_meta,sources,${source}}'`;
  return `(${said} ->> 'reason', ${said} ->> 'until') is distinct from
    (${params.bind(reason)}::text, ${params.bind(formatInstant(until))}::text)`;
}

async function markRows(
  tx: SqlClient,
  source: RemoteSource,
  query: DueQuery,
  { reason, until }: SkipMark,
  addresses: readonly string[],
): Promise<number> {
  const params = new SqlParameters();
  const provenance = params.bind(JSON.stringify({
    outcome: "skipped",
    reason,
    checked_at: formatInstant(query.now),
    duration_ms: 0,
    ...until === null ? {} : { until: formatInstant(until) },
  }));
  const retryAt = instant(params.bind(until));
  const isUntouched = `coalesce(i.${source}_outcome, 'skipped') = 'skipped'`;
  // Due is looked at once more: another worker may have finished the row since it was listed.
  const rows = await tx.query<{ marked: number }>(
    `with marked as (
      update ip_inventory i set
        enrichment = ${provenanceSet("i.enrichment", source, `${provenance}::text::jsonb`)},
        ${source}_outcome = case when ${isUntouched} then 'skipped' else i.${source}_outcome end,
        ${source}_retry_at = case when ${isUntouched} then ${retryAt} else i.${source}_retry_at end,
        revision = i.revision + 1,
        updated_at = now()
      from unnest(${params.bind(arrayLiteral(addresses))}::text::inet[]) as u(ip)
      where i.ip_address = u.ip and ${whereDue(source, query, params)}
      returning 1
    ) select count(*)::int as marked from marked`,
    params.values,
  );
  return rows[0]!.marked;
}
