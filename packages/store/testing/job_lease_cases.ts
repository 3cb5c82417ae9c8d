import { JOB_LOST_MS, type JobEnd, type JobStart } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { createSqlJobRuns } from "../job_runs.ts";
import type { SqlClient } from "../sql_client.ts";
import { NOON } from "./rows.ts";

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

function begin(n: number, fields: Partial<JobStart> = {}): JobStart {
  return {
    id: id(n),
    job: "refresh-stale",
    trigger: "timer",
    actor: "a@b",
    startedAt: NOON + n,
    ...fields,
  };
}

const STOPPED: JobEnd = { outcome: "stopped", counts: {}, error: null, message: null, endedAt: NOON + 9 };

async function loseLease(sql: SqlClient, n: number): Promise<void> {
  await sql.query("update job_run set lease_until = clock_timestamp() where id = $1::uuid", [id(n)]);
}

/** Who holds a lease, and how it learns that it does not any more. */
export const JOB_LEASE_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "begin() ends lost runs of jobs that conflict: one that comes back learns that it must not go on",
    run: async (sql) => {
      const runs = createSqlJobRuns(sql);
      await runs.begin(begin(1, { job: "back-up" }));
      await runs.begin(begin(2, { job: "check-quota" }));
      for (const n of [1, 2]) await loseLease(sql, n);
      assertEquals((await runs.begin(begin(3), { conflicts: ["back-up"] })).state, "begun");
      assertEquals((await runs.find(id(1)))!.outcome, "lost");
      assertEquals(await runs.sign(id(1), { at: NOON + 9 }), false);
      assertEquals(await runs.sign(id(2), { at: NOON + 9 }), true);
    },
  },
  {
    name: "begin() leaves a tick alone whose last try was lost, and skipTick() too",
    run: async (sql) => {
      const runs = createSqlJobRuns(sql);
      for (const n of [1, 2]) {
        await runs.begin(begin(n), { tickAt: NOON });
        await runs.end(id(n), STOPPED);
      }
      assertEquals((await runs.begin(begin(3), { tickAt: NOON })).run.attempt, 3);
      await loseLease(sql, 3);
      const last = await runs.begin(begin(4), { tickAt: NOON });
      assertEquals([last.state, last.run.id, last.run.outcome], ["settled", id(3), "lost"]);
      const error = { code: "TICK_MISSED", message: "nobody was there" };
      assertEquals(await runs.skipTick({ ...begin(5), tickAt: NOON, error }), false);
    },
  },
  {
    name: "skipTick() ends the lost run whose tick it skips",
    run: async (sql) => {
      const runs = createSqlJobRuns(sql);
      await runs.begin(begin(1), { tickAt: NOON });
      await loseLease(sql, 1);
      const error = { code: "TICK_MISSED", message: "nobody was there" };
      assertEquals(await runs.skipTick({ ...begin(2), tickAt: NOON, error }), true);
      assertEquals((await runs.find(id(1)))!.outcome, "lost");
    },
  },
  {
    name: "sign() renews the lease of a run, unless it is told belatedly",
    run: async (sql) => {
      const runs = createSqlJobRuns(sql);
      const later = { startedAt: NOON + 3 * JOB_LOST_MS };
      await runs.begin(begin(1));
      await loseLease(sql, 1);
      assertEquals(await runs.sign(id(1), { at: NOON + 2 }), true);
      assertEquals((await runs.begin(begin(2, later))).state, "running");
      await loseLease(sql, 1);
      assertEquals(await runs.sign(id(1), { at: NOON + 3, isBelated: true }), true);
      assertEquals((await runs.begin(begin(2, later))).state, "begun");
    },
  },
];
