import {
  type EnrichBatch,
  type EnrichQueue,
  type FailedTry,
  MS_PER_SECOND,
  type TakenBatch,
} from "@ipcascade/core";
import { countBatches, listActive, listDead } from "./_queue_listing.ts";
import { maintainQueue } from "./_queue_maintenance.ts";
import { readTakenBatch } from "./_queue_row.ts";
import { DEAD, JOB, LEASE_S, QUEUE, QUEUE_SCHEMA } from "./_queue_tables.ts";
import { createQueueDatabase, type QueueEngine } from "./queue_engine.ts";
import type { SqlClient } from "./sql_client.ts";

export { forgetLeases, type QueueMaintenanceDeps } from "./_queue_maintenance.ts";
export { QUEUE_SCHEMA } from "./_queue_tables.ts";

/** Three signs of life within the lease: one may be late, one may be lost. */
const RENEW_EVERY_MS = LEASE_S / 3 * MS_PER_SECOND;
const MAX_TRIES = 3;
/** Before the second try 5 to 10 s, before the third one 10 to 20 s: pg-boss doubles it and adds chance. */
const RETRY_DELAY_S = 5;
/** pg-boss drops what waited for longer; ten years is never. */
const KEEP_DAYS = 3_650;
/** Dead letters that are submitted anew in one transaction. */
const PAGE_SIZE = 100;

/**
 * A batch may be taken at once: pg-boss takes what starts before now, and the embedded database's clock counts whole
 * milliseconds.
 */
const STARTS_AT_ONCE = "-1 milliseconds";

const SEND_OPTIONS = {
  startAfter: STARTS_AT_ONCE,
  retryLimit: MAX_TRIES - 1,
  retryDelay: RETRY_DELAY_S,
  retryBackoff: true,
  expireInSeconds: LEASE_S,
  retentionDays: KEEP_DAYS,
  deadLetter: DEAD,
} as const;

const OWN = "name = $1::text and id = $2::text::uuid and state = 'active' and retry_count = $3::int";

/** What the queue works with. */
export interface EnrichQueueDeps {
  readonly sql: SqlClient;
  /** Gives signs of life, tells of ends and looks for silent workers: it must not wait behind work. Default `sql`. */
  readonly signs?: SqlClient;
  /** A pg-boss that was started on the schema `QUEUE_SCHEMA` of the same database, on `signs` where there are. */
  readonly engine: QueueEngine;
  /** This worker for people: host and process number. */
  readonly worker: string;
  /** Takes secrets out of messages. */
  readonly redact: (text: string) => string;
}

/** Makes the queues themselves; where they are there already, nothing happens. */
export async function createQueues({ sql, engine }: Pick<EnrichQueueDeps, "sql" | "engine">): Promise<void> {
  await engine.createQueue(DEAD);
  await engine.createQueue(QUEUE);
  await indexOldest(sql);
}

/** Serialises those who make the index: "qidx" in ASCII. */
const INDEX_LOCK = 0x71696478;

/** pg-boss's own index is for another order: it would sort all that waits to take one. */
async function indexOldest(sql: SqlClient): Promise<void> {
  const index = `${QUEUE_SCHEMA}.job_oldest`;
  // Making one that is there would wait for everybody who writes.
  const [row] = await sql.query<{ found: boolean }>("select to_regclass($1::text) is not null as found", [
    index,
  ]);
  if (row?.found === true) return;
  await sql.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock($1::bigint)", [INDEX_LOCK]);
    await tx.query(
      `create index if not exists job_oldest on ${JOB} (name, created_on, id) where state < 'active'`,
    );
  });
}

/** The queue in pg-boss's tables. Call `createQueues` once before. */
export function createSqlEnrichQueue(deps: EnrichQueueDeps): EnrichQueue {
  const { sql, signs = sql, engine, worker, redact } = deps;
  const own = (batch: TakenBatch) => [QUEUE, batch.id, batch.attempt - 1] as const;
  return {
    renewEveryMs: RENEW_EVERY_MS,
    submit: (batch) => submit(batch, engine),
    take: () => take(engine, sql, worker),
    renew: async (batch) => {
      // The lease is counted from here on.
      const rows = await signs.query(
        `update ${JOB} set started_on = now() where ${OWN} returning id`,
        own(batch),
      );
      return rows.length > 0;
    },
    finish: (batch) => finish(batch, { sql: signs, engine }),
    fail: (batch, message) => fail(batch, redact(message), { sql: signs, engine }),
    giveBack: async (batch, { delayMs = 0 } = {}) => {
      // Without a start the next one to take it does not count as another try.
      await signs.query(
        `update ${JOB} set state = 'created', started_on = null, output = null,
            start_after = case when $4::int = 0 then start_after
              else greatest(start_after, now() + $4::int * interval '1 millisecond') end
          where ${OWN}`,
        [...own(batch), delayMs],
      );
    },
    maintain: () => maintainQueue({ sql: signs, engine }),
    count: () => countBatches(sql),
    listActive: (limit) => listActive(sql, limit),
    listDead: (limit) => listDead(sql, limit),
    retryDead: () => retryDead(engine, sql),
    dropDead: async () => {
      const rows = await sql.query(
        `delete from ${JOB} where name = $1::text and state < 'active' returning id`,
        [DEAD],
      );
      return rows.length;
    },
  };
}

async function submit(batch: EnrichBatch, engine: QueueEngine): Promise<void> {
  const { addresses, sources, activity } = batch;
  await engine.send(QUEUE, { addresses, sources, activity }, SEND_OPTIONS);
}

/**
 * One transaction, so that nobody sees a batch without its worker. It also tells a database that fails, which pg-boss
 * takes for an empty queue.
 */
async function take(engine: QueueEngine, sql: SqlClient, worker: string): Promise<TakenBatch | null> {
  return await sql.transaction(async (tx) => {
    // A queue that has just grown has no statistics: the planner thinks that sorting it all is nothing.
    await tx.query("select set_config('enable_sort', 'off', true)");
    const db = createQueueDatabase(tx);
    const [row] = await engine.fetch(QUEUE, { batchSize: 1, includeMetadata: true, priority: false, db });
    if (row === undefined) return null;
    const batch = readTakenBatch(row);
    await tx.query(
      `update ${JOB}
        set output = jsonb_build_object('worker', $4::text, 'taken_at', extract(epoch from now()) * 1000)
        where ${OWN}`,
      [QUEUE, batch.id, batch.attempt - 1, worker],
    );
    return batch;
  });
}

/** A worker that lost its batch must not end it for the one that has it now. */
async function finish(
  batch: TakenBatch,
  { sql, engine }: Pick<EnrichQueueDeps, "sql" | "engine">,
): Promise<boolean> {
  return await sql.transaction(async (tx) => {
    if (await lockOwn(batch, tx) === null) return await isFinished(batch, tx);
    await engine.complete(QUEUE, batch.id, undefined, { db: createQueueDatabase(tx) });
    return true;
  });
}

/** The commit of a lost connection may have come through. */
async function isFinished(batch: TakenBatch, tx: SqlClient): Promise<boolean> {
  const rows = await tx.query(
    `select id from ${JOB}
      where name = $1::text and id = $2::text::uuid and state = 'completed' and retry_count = $3::int`,
    [QUEUE, batch.id, batch.attempt - 1],
  );
  return rows.length > 0;
}

/** Keeps a batch in this worker's hands until the transaction ends; null when it is no longer there. */
async function lockOwn(batch: TakenBatch, tx: SqlClient): Promise<{ readonly isLast: boolean } | null> {
  const [row] = await tx.query<{ isLast: boolean }>(
    `select retry_count >= retry_limit as "isLast" from ${JOB} where ${OWN} for update`,
    [QUEUE, batch.id, batch.attempt - 1],
  );
  return row ?? null;
}

/** A worker that lost its batch must not end the try of the one that has it now. */
async function fail(
  batch: TakenBatch,
  message: string,
  { sql, engine }: Pick<EnrichQueueDeps, "sql" | "engine">,
): Promise<FailedTry> {
  return await sql.transaction(async (tx) => {
    const own = await lockOwn(batch, tx);
    if (own === null) return "retry";
    await engine.fail(QUEUE, batch.id, { message }, { db: createQueueDatabase(tx) });
    return own.isLast ? "dead" : "retry";
  });
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
