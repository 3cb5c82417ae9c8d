import { JOB, QUEUE, QUEUE_SCHEMA } from "./_queue_tables.ts";
import type { QueueEngine } from "./queue_engine.ts";
import type { SqlClient } from "./sql_client.ts";

/** Silent workers are looked for this often, in seconds, by all workers together. */
const MAINTAIN_EVERY_S = 5;
/** When nobody looked for so long, in seconds, the database was away or slow, or nobody was there. */
const BLIND_AFTER_S = 3 * MAINTAIN_EVERY_S;
/** Then those who hold batches have so long, in seconds, for a sign of life: more than one of them is due in it. */
const GRACE_S = 15;

/** What the queue's tables are kept with. */
export interface QueueMaintenanceDeps {
  readonly sql: SqlClient;
  readonly engine: QueueEngine;
}

/** Takes batches away from silent workers and old records out of the tables; see `EnrichQueue`. */
export async function maintainQueue({ sql, engine }: QueueMaintenanceDeps): Promise<void> {
  // One statement, so that of many workers one does the work.
  const [due] = await sql.query<{ wasBlind: boolean }>(
    `with before as (select maintained_on as at from ${QUEUE_SCHEMA}.version for update)
    update ${QUEUE_SCHEMA}.version set maintained_on = now() from before
      where before.at is null or before.at < now() - $1::int * interval '1 second'
      returning coalesce(before.at < now() - $2::int * interval '1 second', false) as "wasBlind"`,
    [MAINTAIN_EVERY_S, BLIND_AFTER_S],
  );
  if (due === undefined) return;
  if (due.wasBlind) await grantGrace(sql);
  await engine.maintain();
}

/** A lease ends no sooner than in `GRACE_S`: while nobody looked, nobody could be heard. */
async function grantGrace(sql: SqlClient): Promise<void> {
  await sql.query(
    `update ${JOB} set started_on = now() - expire_in + $2::int * interval '1 second'
      where name = $1::text and state = 'active' and started_on < now() - expire_in + $2::int * interval '1 second'`,
    [QUEUE, GRACE_S],
  );
}

/** Ends every try that is under way: for a database that only the present process can open. */
export async function forgetLeases({ sql, engine }: QueueMaintenanceDeps): Promise<void> {
  const left = await sql.query(
    `update ${JOB} set started_on = now() - expire_in - interval '1 second'
      where name = $1::text and state = 'active' returning id`,
    [QUEUE],
  );
  if (left.length > 0) await engine.maintain();
}
