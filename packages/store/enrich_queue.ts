import {
  type ActiveBatch,
  type DeadLetter,
  type EnrichBatch,
  type EnrichQueue,
  type FailedTry,
  MS_PER_SECOND,
  type QueueCounts,
  type TakenBatch,
} from "@ipcascade/core";
import { readTakenBatch } from "./_queue_row.ts";
import { createQueueDatabase, type QueueEngine } from "./queue_engine.ts";
import type { SqlClient } from "./sql_client.ts";

/** The schema of pg-boss's tables: not its own default, which another program in the database may use. */
export const QUEUE_SCHEMA = "ipcascade_queue";

/** Batches that wait, are worked on or are done. */
const QUEUE = "enrich";
/** Batches that were given up. */
const DEAD = "enrich-dead";

/** A worker that is silent for so long loses its batch, in seconds. */
const LEASE_S = 30;
/** Three signs of life within the lease: one may be late, one may be lost. */
const RENEW_EVERY_MS = LEASE_S / 3 * MS_PER_SECOND;
/** Silent workers are looked for this often, in seconds, by all workers together. */
const MAINTAIN_EVERY_S = 5;
const MAX_TRIES = 3;
/** Before the second try 5 to 10 s, before the third one 10 to 20 s: pg-boss doubles it and adds chance. */
const RETRY_DELAY_S = 5;
/** pg-boss drops what waited for longer; ten years is never. */
const KEEP_DAYS = 3_650;
/** Dead letters that are submitted anew in one transaction. */
const PAGE_SIZE = 100;

const SEND_OPTIONS = {
  retryLimit: MAX_TRIES - 1,
  retryDelay: RETRY_DELAY_S,
  retryBackoff: true,
  expireInSeconds: LEASE_S,
  retentionDays: KEEP_DAYS,
  deadLetter: DEAD,
} as const;

/** What pg-boss writes about a worker that fell silent. */
const EXPIRED = "job failed by timeout in active state";

const OWN = "name = $1::text and id = $2::text::uuid and state = 'active' and retry_count = $3::int";
const ADDRESS_COUNT = `case when jsonb_typeof(data -> 'addresses') = 'array'
  then jsonb_array_length(data -> 'addresses') else 0 end`;

/** What the queue works with. */
export interface EnrichQueueDeps {
  readonly sql: SqlClient;
  /** A pg-boss that was started on the schema `QUEUE_SCHEMA` of the same database. */
  readonly engine: QueueEngine;
  /** This worker for people: host and process number. */
  readonly worker: string;
  /** Takes secrets out of messages. */
  readonly redact: (text: string) => string;
}

/** Makes the queues themselves; where they are there already, nothing happens. */
export async function createQueues(engine: QueueEngine): Promise<void> {
  await engine.createQueue(DEAD);
  await engine.createQueue(QUEUE);
}

/** The queue in pg-boss's tables. Call `createQueues` once before. */
export function createSqlEnrichQueue({ sql, engine, worker, redact }: EnrichQueueDeps): EnrichQueue {
  const own = (batch: TakenBatch) => [QUEUE, batch.id, batch.attempt - 1] as const;
  return {
    renewEveryMs: RENEW_EVERY_MS,
    submit: (batch) => submit(batch, engine),
    take: () => take(engine, sql, worker),
    renew: async (batch) => {
      // The lease is counted from here on.
      const rows = await sql.query(
        `update ${JOB} set started_on = now() where ${OWN} returning id`,
        own(batch),
      );
      return rows.length > 0;
    },
    finish: async (batch) => void await engine.complete(QUEUE, batch.id),
    fail: (batch, message) => fail(batch, redact(message), { sql, engine }),
    giveBack: async (batch) => {
      // Without a start the next one to take it does not count as another try.
      await sql.query(
        `update ${JOB} set state = 'created', started_on = null, output = null where ${OWN}`,
        own(batch),
      );
    },
    maintain: () => maintain(engine, sql),
    count: () => count(sql),
    listActive: (limit) => listActive(sql, limit),
    listDead: (limit) => listDead(sql, limit),
    retryDead: () => retryDead(engine, sql),
    dropDead: async () => {
      const rows = await sql.query(
        `delete from ${JOB} where name = $1::text and state < 'active' returning id`,
        [
          DEAD,
        ],
      );
      return rows.length;
    },
  };
}

const JOB = `${QUEUE_SCHEMA}.job`;

async function submit(batch: EnrichBatch, engine: QueueEngine): Promise<void> {
  const { addresses, sources, activity } = batch;
  await engine.send(QUEUE, { addresses, sources, activity }, SEND_OPTIONS);
}

async function take(engine: QueueEngine, sql: SqlClient, worker: string): Promise<TakenBatch | null> {
  while (true) {
    const taken = await sql.transaction((tx) => takeNext(engine, tx, worker));
    if (taken !== "broken") return taken;
  }
}

/**
 * One transaction, so that nobody sees a batch without its worker. It also tells a database that fails, which pg-boss
 * takes for an empty queue.
 */
async function takeNext(
  engine: QueueEngine,
  tx: SqlClient,
  worker: string,
): Promise<TakenBatch | "broken" | null> {
  const db = createQueueDatabase(tx);
  const [row] = await engine.fetch(QUEUE, { batchSize: 1, includeMetadata: true, priority: false, db });
  if (row === undefined) return null;
  const { batch, id, attempt } = readTakenBatch(row);
  if (batch === null) {
    const broken = { id, attempt, addresses: [], sources: [], activity: null };
    await fail(broken, "Cannot read the batch: its data is not what this program writes", {
      sql: tx,
      engine,
    });
    return "broken";
  }
  await tx.query(
    `update ${JOB} set output = jsonb_build_object('worker', $4::text, 'taken_at', extract(epoch from now()) * 1000)
      where ${OWN}`,
    [QUEUE, id, attempt - 1, worker],
  );
  return batch;
}

/** A worker that lost its batch must not end the try of the one that has it now. */
async function fail(
  batch: TakenBatch,
  message: string,
  { sql, engine }: Pick<EnrichQueueDeps, "sql" | "engine">,
): Promise<FailedTry> {
  return await sql.transaction(async (tx) => {
    const [row] = await tx.query<{ isLast: boolean }>(
      `select retry_count >= retry_limit as "isLast" from ${JOB} where ${OWN} for update`,
      [QUEUE, batch.id, batch.attempt - 1],
    );
    if (row === undefined) return "retry";
    await engine.fail(QUEUE, batch.id, { message }, { db: createQueueDatabase(tx) });
    return row.isLast ? "dead" : "retry";
  });
}

async function maintain(engine: QueueEngine, sql: SqlClient): Promise<void> {
  // One statement, so that of many workers one does the work.
  const due = await sql.query(
    `update ${QUEUE_SCHEMA}.version set maintained_on = now()
      where maintained_on is null or maintained_on < now() - $1::int * interval '1 second' returning version`,
    [MAINTAIN_EVERY_S],
  );
  if (due.length > 0) await engine.maintain();
}

async function count(sql: SqlClient): Promise<QueueCounts> {
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

function listActive(sql: SqlClient, limit: number): Promise<ActiveBatch[]> {
  return sql.query(
    `select id::text as id, coalesce(output ->> 'worker', 'unknown') as worker, ${ADDRESS_COUNT}::int as addresses,
        retry_count + 1 as attempt,
        coalesce((output ->> 'taken_at')::float8, extract(epoch from started_on) * 1000)::float8 as "takenAt",
        (extract(epoch from started_on) * 1000)::float8 as "renewedAt"
      from ${JOB} where name = $1::text and state = 'active' order by created_on, id limit $2::int`,
    [QUEUE, limit],
  );
}

async function listDead(sql: SqlClient, limit: number): Promise<DeadLetter[]> {
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

async function retryDead(engine: QueueEngine, sql: SqlClient): Promise<number> {
  let total = 0;
  while (true) {
    const moved = await sql.transaction(async (tx) => {
      const rows = await tx.query<{ data: object }>(
        `delete from ${JOB} where name = $1::text and id in (select id from ${JOB}
            where name = $1::text and state = 'created' order by created_on, id limit $2::int for update skip locked)
          returning data`,
        [DEAD, PAGE_SIZE],
      );
      const db = createQueueDatabase(tx);
      for (const { data } of rows) await engine.send(QUEUE, data, { ...SEND_OPTIONS, db });
      return rows.length;
    });
    total += moved;
    if (moved < PAGE_SIZE) return total;
  }
}
