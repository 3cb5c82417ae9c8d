import { connectServer } from "../../packages/store/testing/databases.ts";

/** Ends the leases of runs that were killed, which would keep others out for forty seconds. */
export async function endLeases(databaseUrl: string): Promise<void> {
  const sql = connectServer(databaseUrl, 1);
  try {
    await sql.query("update job_run set lease_until = clock_timestamp() where ended_at is null");
  } finally {
    await sql.close();
  }
}
