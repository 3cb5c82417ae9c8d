import { assert, assertEquals, assertRejects } from "@std/assert";
import { type EnrichBatch, StoreError } from "@ipcascade/core";
import type { ContractCase } from "../../testkit/contract.ts";
import { QUEUE_SCHEMA } from "../enrich_queue.ts";
import type { SqlClient } from "../sql_client.ts";
import { ageQueue, reopenTestQueue, type TestQueue } from "./queue.ts";

function batchOf(...addresses: string[]): EnrichBatch {
  return { addresses, sources: ["maxmind", "cymru"], activity: null };
}

/** Notes how the database takes a batch. */
function explainFetches(sql: SqlClient, plans: string[]): SqlClient {
  const explain = (tx: SqlClient): SqlClient => ({
    ...tx,
    query: async (text, params) => {
      if (/with next as/i.test(text)) {
        const lines = await tx.query<{ "QUERY PLAN": string }>(`explain ${text}`, params);
        plans.push(lines.map((line) => line["QUERY PLAN"]).join("\n"));
      }
      return await tx.query(text, params);
    },
  });
  return { ...sql, transaction: (work) => sql.transaction((tx) => work(explain(tx))) };
}

async function failThrice({ queue, sql }: TestQueue, message: string): Promise<string[]> {
  const ends: string[] = [];
  for (let attempt = 1; attempt <= 3; attempt++) {
    const batch = await queue.take();
    assertEquals(batch?.attempt, attempt);
    ends.push(await queue.fail(batch!, message));
    assertEquals(await queue.take(), null, "it waits for its next try");
    await ageQueue(sql, 60);
  }
  return ends;
}

/** What every queue of batches promises. */
export const QUEUE_CONTRACT: readonly ContractCase<TestQueue>[] = [
  {
    name: "take() gives the oldest batch as it was submitted, each to one worker",
    run: async ({ queue }) => {
      const activity = { minCommands: 10, minDownloads: 5, minDurationS: 300 };
      await queue.submit(batchOf("1.1.1.1", "2606:4700::1111"));
      await queue.submit({ ...batchOf("8.8.8.8"), activity });
      const [one, two] = [await queue.take(), await queue.take()];
      assertEquals(one, { ...batchOf("1.1.1.1", "2606:4700::1111"), id: one!.id, attempt: 1 });
      assertEquals(two, { ...batchOf("8.8.8.8"), activity, id: two!.id, attempt: 1 });
      assertEquals(await queue.take(), null);
    },
  },
  {
    name: "take() gives many takers at once disjoint batches",
    run: async ({ queue }) => {
      for (let index = 0; index < 12; index++) await queue.submit(batchOf(`1.1.1.${index}`));
      const taken = await Promise.all(Array.from({ length: 12 }, () => queue.take()));
      assertEquals(new Set(taken.map((batch) => batch?.addresses[0])).size, 12);
    },
  },
  {
    name: "count() tells every state, listActive() who works",
    run: async ({ queue }) => {
      for (const octet of [1, 2, 3, 4]) await queue.submit(batchOf(`1.1.1.${octet}`, "1.0.0.1"));
      const [done, failed, held] = [await queue.take(), await queue.take(), await queue.take()];
      await queue.finish(done!);
      await queue.fail(failed!, "no");
      const { oldestWaitingAt, ...counts } = await queue.count();
      assertEquals(counts, { waiting: 1, retrying: 1, active: 1, completed: 1, dead: 0 });
      assert(oldestWaitingAt !== null && Math.abs(oldestWaitingAt - Date.now()) < 600_000);
      const [active, ...others] = await queue.listActive(10);
      assertEquals(others, []);
      const { takenAt, renewedAt, ...rest } = active!;
      assertEquals(rest, { id: held!.id, worker: "lab:1", addresses: 2, attempt: 1 });
      assert(Math.abs(takenAt - renewedAt) < 60_000);
    },
  },
  {
    name: "count() of an empty queue is all zero",
    run: async ({ queue }) => {
      const zero = { waiting: 0, retrying: 0, active: 0, completed: 0, dead: 0, oldestWaitingAt: null };
      assertEquals(await queue.count(), zero);
    },
  },
  {
    name: "fail() tries thrice, then keeps the batch as a dead letter with its error, without secrets",
    run: async (subject) => {
      const { queue } = subject;
      await queue.submit(batchOf("1.1.1.1", "1.0.0.1"));
      const ends = await failThrice(subject, 'Cannot use "s3cret"\u0000: it\'s broken; {"a":1}');
      assertEquals(ends, ["retry", "retry", "dead"]);
      const [letter, ...others] = await queue.listDead(10);
      assertEquals(others, []);
      assertEquals(letter!.error, 'Cannot use "***": it\'s broken; {"a":1}');
      assertEquals([letter!.addresses, letter!.firstAddress], [2, "1.1.1.1"]);
      assert(Math.abs(letter!.diedAt - Date.now()) < 600_000);
      assertEquals((await queue.count()).dead, 1);
    },
  },
  {
    name: "retryDead() submits dead letters anew, with all their tries",
    run: async (subject) => {
      const { queue } = subject;
      await queue.submit(batchOf("1.1.1.1"));
      await failThrice(subject, "no");
      assertEquals([await queue.retryDead(), await queue.retryDead()], [1, 0]);
      assertEquals((await queue.count()).dead, 0);
      assertEquals(await failThrice(subject, "again"), ["retry", "retry", "dead"]);
      assertEquals((await queue.listDead(1))[0]?.error, "again");
    },
  },
  {
    name: "dropDead() discards dead letters and nothing else",
    run: async (subject) => {
      const { queue } = subject;
      await queue.submit(batchOf("1.1.1.1"));
      await failThrice(subject, "no");
      await queue.submit(batchOf("8.8.8.8"));
      assertEquals([await queue.dropDead(), await queue.dropDead()], [1, 0]);
      const { waiting, dead } = await queue.count();
      assertEquals([waiting, dead], [1, 0]);
    },
  },
  {
    name: "maintain() takes the batch of a silent worker away, and leaves one that gave signs of life",
    run: async ({ queue, sql }) => {
      await queue.submit(batchOf("1.1.1.1"));
      await queue.submit(batchOf("8.8.8.8"));
      const [silent, alive] = [await queue.take(), await queue.take()];
      await ageQueue(sql, 31);
      assertEquals(await queue.renew(alive!), true);
      await queue.maintain();
      assertEquals([await queue.renew(silent!), await queue.renew(alive!)], [false, true]);
      await ageQueue(sql, 20);
      const again = await queue.take();
      assertEquals([again?.id, again?.attempt], [silent!.id, 2]);
    },
  },
  {
    name: "maintain() makes a dead letter of a batch that kills every worker",
    run: async ({ queue, sql }) => {
      await queue.submit(batchOf("1.1.1.1"));
      for (let attempt = 1; attempt <= 3; attempt++) {
        assertEquals((await queue.take())?.attempt, attempt);
        await ageQueue(sql, 60);
        await queue.maintain();
        await ageQueue(sql, 60);
      }
      assertEquals(await queue.take(), null);
      assertEquals(
        (await queue.listDead(1))[0]?.error,
        "Its worker was silent for 30 s: it was killed or hangs",
      );
    },
  },
  {
    name: "maintain() works once in a while for all callers together",
    run: async ({ queue, sql }) => {
      await queue.submit(batchOf("1.1.1.1"));
      const batch = await queue.take();
      await queue.maintain();
      await sql.query(`update ${QUEUE_SCHEMA}.job set started_on = now() - interval '1 hour'`);
      await queue.maintain();
      assertEquals(await queue.renew(batch!), true);
    },
  },
  {
    name: "a worker that lost its batch can neither finish it, nor fail it, nor give it back",
    run: async ({ queue, sql }) => {
      await queue.submit(batchOf("1.1.1.1"));
      const lost = await queue.take();
      await ageQueue(sql, 31);
      await queue.maintain();
      await ageQueue(sql, 60);
      const held = await queue.take();
      assertEquals(await queue.finish(lost!), false);
      await queue.fail(lost!, "no");
      await queue.giveBack(lost!);
      assertEquals(await queue.renew(held!), true);
      assertEquals(await queue.finish(held!), true);
    },
  },
  {
    name: "finish() may be said twice: the first time may have come through with its answer lost",
    run: async ({ queue }) => {
      await queue.submit(batchOf("1.1.1.1"));
      const batch = await queue.take();
      assertEquals([await queue.finish(batch!), await queue.finish(batch!)], [true, true]);
      assertEquals((await queue.count()).completed, 1);
    },
  },
  {
    name: "maintain() lets workers be heard again after a time in which nobody could look",
    run: async ({ queue, sql }) => {
      await queue.submit(batchOf("1.1.1.1"));
      const batch = await queue.take();
      await ageQueue(sql, 60);
      await sql.query(`update ${QUEUE_SCHEMA}.version set maintained_on = now() - interval '16 seconds'`);
      await queue.maintain();
      assertEquals(await queue.renew(batch!), true, "the database was away, not the worker");
      await ageQueue(sql, 60);
      await sql.query(`update ${QUEUE_SCHEMA}.version set maintained_on = now() - interval '16 seconds'`);
      await queue.maintain();
      await ageQueue(sql, 16);
      await queue.maintain();
      assertEquals(await queue.renew(batch!), false, "it was heard no more");
    },
  },
  {
    name: "take() sorts nothing, however much waits",
    run: async ({ queue, sql }) => {
      await queue.submit(batchOf("1.1.1.1"));
      await sql.query(
        `insert into ${QUEUE_SCHEMA}.job (name, data, created_on) select name, data, created_on + n * interval '1 ms'
          from ${QUEUE_SCHEMA}.job, generate_series(1, 5000) n`,
      );
      const plans: string[] = [];
      const watched = await reopenTestQueue(explainFetches(sql, plans));
      assertEquals((await watched.take())?.addresses, ["1.1.1.1"]);
      assertEquals(plans.length, 1);
      assert(plans[0]!.includes("name_created_on_id_idx"), plans[0]);
      assert(!plans[0]!.includes("Sort Key: job.created_on"), plans[0]);
    },
  },
  {
    name: "giveBack() does not count as a try",
    run: async ({ queue }) => {
      await queue.submit(batchOf("1.1.1.1"));
      for (let round = 0; round < 5; round++) {
        const batch = await queue.take();
        assertEquals(batch?.attempt, 1);
        await queue.giveBack(batch!);
      }
      assertEquals((await queue.count()).waiting, 1);
    },
  },
  {
    name: "giveBack() leaves a batch alone for a while when told so",
    run: async ({ queue, sql }) => {
      await queue.submit(batchOf("1.1.1.1"));
      await queue.giveBack((await queue.take())!, { delayMs: 3_600_000 });
      assertEquals(await queue.take(), null);
      await ageQueue(sql, 3_601);
      assertEquals((await queue.take())?.attempt, 1);
    },
  },
  {
    name: "take() says of what is no batch that it can't be worked on",
    run: async ({ queue, sql }) => {
      await queue.submit(batchOf("1.1.1.1"));
      await sql.query(`update ${QUEUE_SCHEMA}.job set data = '{"addresses": "8.8.8.8"}'`);
      const batch = await queue.take();
      assertEquals([batch?.addresses, batch?.sources, batch?.attempt], [[], [], 1]);
      assertEquals(batch?.problem?.slice(0, 21), "Cannot read the batch");
    },
  },
  {
    name: "take() throws when the database fails: that is no empty queue",
    run: async ({ queue, sql }) => {
      await sql.query(`alter table ${QUEUE_SCHEMA}.job rename to job_away`);
      try {
        await assertRejects(() => queue.take(), StoreError, "job");
      } finally {
        await sql.query(`alter table ${QUEUE_SCHEMA}.job_away rename to job`);
      }
    },
  },
  {
    name: "what waits for long is kept",
    run: async ({ queue, sql }) => {
      await queue.submit(batchOf("1.1.1.1"));
      await sql.query(
        `update ${QUEUE_SCHEMA}.job set created_on = created_on - interval '1 year',
          start_after = start_after - interval '1 year', keep_until = keep_until - interval '1 year'`,
      );
      await queue.maintain();
      assertEquals((await queue.take())?.addresses, ["1.1.1.1"]);
    },
  },
];
