import type { DueQuery, RemoteSource, RowFilter } from "@ipcascade/core";
import { instant } from "./_instants.ts";
import { arrayLiteral } from "./_parameters.ts";
import type { SqlParameters } from "./_sql_parameters.ts";

/** The condition by which a row `i` of the inventory is due at a source. */
export function whereDue(source: RemoteSource, query: DueQuery, params: SqlParameters): string {
  const due = query.force
    ? `i.${source}_due_at is not null`
    : `i.${source}_due_at <= ${instant(params.bind(query.now))}`;
  return [due, ...filterConditions(query.filter, params)].join(" and ");
}

/** The conditions of a filter on rows `i`. */
export function filterConditions(filter: RowFilter, params: SqlParameters): string[] {
  const { networks, country, asn, activeSince, missingAsn } = filter;
  const conditions: string[] = [];
  if (networks !== null) conditions.push(inNetworks(networks, params));
  if (country !== null) conditions.push(`i.geo_country = ${params.bind(country)}::text`);
  if (asn !== null) conditions.push(`i.asn_number = ${params.bind(asn)}::bigint`);
  if (activeSince !== null) conditions.push(`i.last_seen_at >= ${instant(params.bind(activeSince))}`);
  if (missingAsn) conditions.push("i.asn_number is null");
  return conditions;
}

/** One term for each block: only so does PostgreSQL find a block's addresses by the key. */
function inNetworks(networks: readonly string[], params: SqlParameters): string {
  const single = networks.filter((network) => !network.includes("/"));
  const blocks = networks.filter((network) => network.includes("/"));
  const terms = blocks.map((block) => `i.ip_address <<= ${params.bind(block)}::text::inet`);
  if (single.length > 0) {
    // Not `= any`: where the rows are found by another index, it would compare each of them with every address.
    terms.push(`i.ip_address in (select unnest(${params.bind(arrayLiteral(single))}::text::inet[]))`);
  }
  return terms.length === 0 ? "false" : `(${terms.join(" or ")})`;
}

/** The condition by which nobody works on a row `i` for a source. */
export function whereFree(source: RemoteSource, params: SqlParameters): string {
  return `not ${whereHeld(source, params)}`;
}

/**
 * The condition by which somebody works on a row `i` for a source; `besides` names a holder who doesn't count. It goes by
 * `now()`, which stays the same: only so does PostgreSQL make a join of it.
 */
export function whereHeld(source: RemoteSource, params: SqlParameters, besides?: string): string {
  const others = besides === undefined ? "" : ` and c.holder <> ${params.bind(besides)}::text`;
  return `exists (
    select from work_claim c join work_holder h on h.id = c.holder
    where c.source = ${params.bind(source)}::text and c.ip_address = i.ip_address
      and h.expires_at > now()${others}
  )`;
}
