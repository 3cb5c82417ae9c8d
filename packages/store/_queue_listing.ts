import type { ActiveBatch, DeadLetter, QueueCounts } from "@ipcascade/core";
import { DEAD, JOB, LEASE_S, QUEUE } from "./_queue_tables.ts";
import type { SqlClient } from "./sql_client.ts";

/** What pg-boss writes about a worker that fell silent. */
const EXPIRED = "job failed by timeout in active state";

const ADDRESS_COUNT = `case when jsonb_typeof(data -> 'addresses') = 'array'
  then jsonb_array_length(data -> 'addresses') else 0 end`;

/** Batches by state. */
export async function countBatches(sql: SqlClient): Promise<QueueCounts> {
  const [row] = await sql.query<QueueCounts>(
    `select count(*) filter (where name = $1::text and state = 'created')::int as waiting,
        count(*) filter (where name = $1::text and state = 'retry')::int as retrying,
        count(*) filter (where name = $1::text and state = 'active')::int as active,
        count(*) filter (where name = $1::text and state = 'completed')::int as completed,
        count(*) filter (where name = $2::text and state = 'created')::int as dead,
        (extract(epoch from min(created_on) filter (where name = $1::text and state < 'active')) * 1000)::float8
          as "oldestWaitingAt"
      from ${JOB} where name in ($1::text, $2::text)`,
    [QUEUE, DEAD],
  );
  return row!;
}

/** Batches in workers' hands, the oldest first. */
export function listActive(sql: SqlClient, limit: number): Promise<ActiveBatch[]> {
  return sql.query(
    `select id::text as id, coalesce(output ->> 'worker', 'unknown') as worker, ${ADDRESS_COUNT}::int as addresses,
        retry_count + 1 as attempt,
        coalesce((output ->> 'taken_at')::float8, extract(epoch from started_on) * 1000)::float8 as "takenAt",
        (extract(epoch from started_on) * 1000)::float8 as "renewedAt"
      from ${JOB} where name = $1::text and state = 'active' order by created_on, id limit $2::int`,
    [QUEUE, limit],
  );
}

/** Dead letters, the newest first. */
export async function listDead(sql: SqlClient, limit: number): Promise<DeadLetter[]> {
  const rows = await sql.query<DeadLetter>(
    `select id::text as id, ${ADDRESS_COUNT}::int as addresses,
        coalesce(data #>> '{addresses,0}', '') as "firstAddress",
        (extract(epoch from created_on) * 1000)::float8 as "diedAt",
        coalesce(output ->> 'message', output #>> '{value,message}', '') as error
      from ${JOB} where name = $1::text and state = 'created' order by created_on desc, id limit $2::int`,
    [DEAD, limit],
  );
  return rows.map((row) => ({ ...row, error: explain(row.error) }));
}

function explain(error: string): string {
  return error === EXPIRED ? `Its worker was silent for ${LEASE_S} s: it was killed or hangs` : error;
}
