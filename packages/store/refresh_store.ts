import type { DueQuery, RefreshStore, RemoteSource } from "@ipcascade/core";
import { listDue, markSkipped } from "./_due_page.ts";
import { whereDue, whereHeld } from "./_due_rows.ts";
import { countOutdated, readOutdated } from "./_outdated_rows.ts";
import { lockRows, updateRows } from "./_source_updates.ts";
import { SqlParameters } from "./_sql_parameters.ts";
import { claimRows, releaseAddresses, takeAddresses } from "./_work_claims.ts";
import type { SqlClient } from "./sql_client.ts";
import { openWorkHolder, type WorkHolderDeps } from "./work_holder.ts";

/** What a refresh store in SQL needs: a migrated database, and what renews its claims. */
export type SqlRefreshStoreDeps = WorkHolderDeps;

/** Rows by when they are due, in SQL. */
export function createSqlRefreshStore(deps: SqlRefreshStoreDeps): RefreshStore {
  const { sql } = deps;
  return {
    openHolder: (owner) => openWorkHolder(deps, owner),
    listDue: (source, query, page) => listDue(sql, source, query, page),
    countDue: (source, query) => count(sql, source, query, null),
    countHeld: (source, query, holder) => count(sql, source, query, holder.id),
    take: (holder, source, addresses) => takeAddresses(sql, holder, source, addresses),
    claim: (holder, source, query, choice) => claimRows(sql, holder, source, query, choice),
    release: (holder, source, addresses) => releaseAddresses(sql, holder, source, addresses),
    saveUpdates: (holder, source, updates) =>
      sql.transaction(async (tx) => {
        await lockRows(tx, updates.map(({ ipAddress }) => ipAddress));
        await updateRows(tx, source, updates);
        await releaseAddresses(tx, holder, source, updates.map(({ ipAddress }) => ipAddress));
      }),
    markSkipped: (source, query, mark, page) => markSkipped(sql, source, query, mark, page),
    countOutdated: (installed, query) => countOutdated(sql, installed, query),
    readOutdated: (installed, query, page, read) => readOutdated(sql, installed, query, page, read),
    saveMaxmind: (installed, updates) =>
      sql.transaction(async (tx) => {
        await lockRows(tx, updates.map(({ ipAddress }) => ipAddress));
        await updateRows(tx, "maxmind", updates, installed);
      }),
  };
}

/** Due rows: all of them, or those that others than `besides` hold. */
async function count(
  sql: SqlClient,
  source: RemoteSource,
  query: DueQuery,
  besides: string | null,
): Promise<number> {
  const params = new SqlParameters();
  const conditions = [whereDue(source, query, params)];
  if (besides !== null) conditions.push(whereHeld(source, params, besides));
  const [row] = await sql.query<{ count: number }>(
    `select count(*)::int as count from ip_inventory i where ${conditions.join(" and ")}`,
    params.values,
  );
  return row!.count;
}
