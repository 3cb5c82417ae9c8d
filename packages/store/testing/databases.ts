import postgres from "postgres";
import { migrate } from "../migrate.ts";
import { createPostgresClient } from "../postgres_client.ts";
import { openPostgresSession } from "../postgres_session.ts";
import type { SqlClient } from "../sql_client.ts";

export { openMemoryPglite } from "./memory_pglite.ts";

/** Connections to a server's database. */
export function connectServer(url: string, connections = 4): SqlClient {
  const config = { fetch_types: false, onnotice: () => {} };
  return createPostgresClient(
    () => openPostgresSession((options) => postgres(url, { ...config, ...options })),
    { size: connections, closeTimeoutMs: 1_000 },
  );
}

/** Brings a database to the present schema and takes every row out of it. */
export async function resetDatabase(sql: SqlClient): Promise<void> {
  await migrate(sql);
  for (
    const table of [
      "ip_inventory",
      "asn_inventory",
      "ip_asn_history",
      "sessions",
      "quota_ledger",
      "quota_audit",
      "source_state",
      "source_rate",
      "edition_current",
      "edition_set",
      "edition_state",
      "edition_lease",
      "work_holder",
      "job_run",
      "job_schedule",
      "alert_state",
      "request_hour",
      "coverage_snapshot",
      "database_identity",
    ]
  ) {
    await sql.query(`delete from ${table}`);
  }
}
