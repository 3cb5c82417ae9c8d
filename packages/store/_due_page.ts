import type { Cursor, DuePage, DueQuery, RemoteSource, SkipMark } from "@ipcascade/core";
import { instant, whereDue, whereFree } from "./_due_rows.ts";
import { readAddress } from "./_inventory_row.ts";
import { provenanceSet } from "./_provenance_sql.ts";
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
): string {
  const { columns, types, direction } = ORDERS[source];
  const conditions = [whereDue(source, query, params), whereFree(source, params)];
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

const LAST_CURSOR = "(array_agg(cursor order by place desc))[1]";

/** Due rows that nobody works on. */
export async function listDue(
  sql: SqlClient,
  source: RemoteSource,
  query: DueQuery,
  range: PageRange,
): Promise<DuePage> {
  const params = new SqlParameters();
  const [row] = await sql.query<{ addresses: string | null; count: number; last: string | null }>(
    `select string_agg(host(ip_address), ',' order by place) as addresses, count(*)::int as count,
      ${LAST_CURSOR} as last
    from (${pageStatement(source, query, range, params)}) page`,
    params.values,
  );
  const { addresses, count, last } = row!;
  return {
    addresses: addresses === null ? [] : addresses.split(",").map(readAddress),
    next: count < range.limit ? null : last,
  };
}

/**
 * Notes in due rows that nobody works on why they were left alone. What their source said or how it failed before
 * stays, with its stamp; rows that say the same already are not written again.
 */
export async function markSkipped(
  sql: SqlClient,
  source: RemoteSource,
  query: DueQuery,
  mark: SkipMark,
  range: PageRange,
): Promise<{ readonly marked: number; readonly next: Cursor | null }> {
  const params = new SqlParameters();
  const page = pageStatement(source, query, range, params);
  const reason = `${params.bind(mark.reason)}::text`;
  const until = `${params.bind(mark.until === null ? null : new Date(mark.until).toISOString())}::text`;
  const provenance = params.bind(JSON.stringify({
    outcome: "skipped",
    reason: mark.reason,
    checked_at: new Date(query.now).toISOString(),
    duration_ms: 0,
    ...mark.until === null ? {} : { until: new Date(mark.until).toISOString() },
  }));
  const retryAt = instant(params.bind(mark.until));
  const isUntouched = `coalesce(i.${source}_outcome, 'skipped') = 'skipped'`;
  const said = `i.enrichment #> '{_meta,sources,${source}}'`;
  const [row] = await sql.query<{ count: number; marked: number; last: string | null }>(
    `with page as (${page}), marked as (
      update ip_inventory i set
        enrichment = ${provenanceSet("i.enrichment", source, `${provenance}::text::jsonb`)},
        ${source}_outcome = case when ${isUntouched} then 'skipped' else i.${source}_outcome end,
        ${source}_retry_at = case when ${isUntouched} then ${retryAt} else i.${source}_retry_at end,
        revision = i.revision + 1,
        updated_at = now()
      from page p where i.ip_address = p.ip_address
        and (${said} ->> 'reason', ${said} ->> 'until') is distinct from (${reason}, ${until})
      returning 1
    )
    select count(*)::int as count, (select count(*)::int from marked) as marked, ${LAST_CURSOR} as last
    from page`,
    params.values,
  );
  const { count, marked, last } = row!;
  return { marked, next: count < range.limit ? null : last };
}
