import type { Clock, WorkHolder } from "@ipcascade/core";
import { cleanText } from "./_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/** What a holder needs. */
export interface WorkHolderDeps {
  readonly sql: SqlClient;
  /** Says that the holder is there: it must not wait behind work. Default `sql`. */
  readonly signs?: SqlClient;
  readonly clock: Clock;
}

/** How long the rows of a holder that is gone stay out of reach of the others. */
export const HOLDER_LEASE_MS = 30_000;
/** Three renewals within the life of a lease: two may fail. */
const RENEW_MS = HOLDER_LEASE_MS / 3;

/** By the database's clock: those of machines differ. */
export const LEASE_END = `clock_timestamp() + interval '${HOLDER_LEASE_MS} milliseconds'`;

/** Announces a worker, and keeps saying that it is there until it is disposed. */
export async function openWorkHolder(
  { sql, signs = sql, clock }: WorkHolderDeps,
  owner: string,
): Promise<WorkHolder> {
  const [row] = await sql.query<{ id: string }>(
    `with gone as (delete from work_holder where expires_at <= clock_timestamp())
    insert into work_holder (id, owner, expires_at)
    values (gen_random_uuid()::text, $1::text, ${LEASE_END}) returning id`,
    [cleanText(owner)],
  );
  const { id } = row!;
  const end = new AbortController();
  const renewing = keepRenewing(() => renewHolder(signs, id, owner), clock, end.signal);
  return {
    id,
    owner,
    async [Symbol.asyncDispose]() {
      end.abort();
      await renewing;
      // Where the database is gone the claims end by themselves.
      await sql.query("delete from work_holder where id = $1::text", [id]).catch(() => {});
    },
  };
}

async function keepRenewing(renew: () => Promise<void>, clock: Clock, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    await clock.sleep(RENEW_MS, end).catch(() => {});
    // A database that is away is told by the work itself.
    if (!end.aborted) await renew().catch(() => {});
  }
}

/** Says that the holder is there; one that was taken for gone, as after a pause of the machine, comes back. */
async function renewHolder(sql: SqlClient, id: string, owner: string): Promise<void> {
  await sql.query(
    `insert into work_holder (id, owner, expires_at) values ($1::text, $2::text, ${LEASE_END})
    on conflict (id) do update set expires_at = excluded.expires_at`,
    [id, cleanText(owner)],
  );
}

/** Forgets every holder and ends every lease: for a database that only the present process can open. */
export async function forgetHolders(sql: SqlClient): Promise<void> {
  await sql.query("delete from work_holder");
  await sql.query(
    "update job_run set lease_until = clock_timestamp() where ended_at is null and lease_until is not null",
  );
}
