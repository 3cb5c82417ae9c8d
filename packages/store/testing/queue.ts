import type { EnrichQueue } from "@ipcascade/core";
import PgBoss from "pg-boss";
import { createQueues, createSqlEnrichQueue, QUEUE_SCHEMA } from "../enrich_queue.ts";
import { createQueueDatabase } from "../queue_engine.ts";
import type { SqlClient } from "../sql_client.ts";

/** An empty queue, and the database below it. */
export interface TestQueue {
  readonly sql: SqlClient;
  readonly queue: EnrichQueue;
}

/** Opens the queue as the product does, emptied. Secrets in it are spelled `s3cret`. */
export async function openTestQueue(sql: SqlClient): Promise<TestQueue> {
  const queue = await reopenTestQueue(sql);
  await sql.query(`delete from ${QUEUE_SCHEMA}.job`);
  await sql.query(`update ${QUEUE_SCHEMA}.version set maintained_on = null`);
  return { sql, queue };
}

/** Opens the queue as it is. */
export async function reopenTestQueue(sql: SqlClient): Promise<EnrichQueue> {
  const engine = new PgBoss({
    db: createQueueDatabase(sql),
    schema: QUEUE_SCHEMA,
    supervise: false,
    schedule: false,
  });
  await engine.start();
  await createQueues({ sql, engine });
  const redact = (text: string) => text.replaceAll("s3cret", "***");
  return createSqlEnrichQueue({ sql, engine, worker: "lab:1", redact });
}

/** Lets time pass for the queue: leases and pauses before the next try get older. */
export async function ageQueue(sql: SqlClient, seconds: number): Promise<void> {
  await sql.query(
    `update ${QUEUE_SCHEMA}.job set started_on = started_on - $1::int * interval '1 second',
      start_after = start_after - $1::int * interval '1 second' where state <= 'active'`,
    [seconds],
  );
  await sql.query(`update ${QUEUE_SCHEMA}.version set maintained_on = null`);
}

/** Ends the pauses before the next tries. */
export async function hurryRetries(sql: SqlClient): Promise<void> {
  await sql.query(
    `update ${QUEUE_SCHEMA}.job set start_after = now() where state = 'retry' and start_after > now()`,
  );
}
