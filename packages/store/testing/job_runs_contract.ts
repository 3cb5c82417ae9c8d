import { JOB_LOST_MS, type JobEnd, type JobRuns, jobRunState, type JobStart } from "@ipcascade/core";
import { assert, assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { NOON } from "./rows.ts";

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

function begin(n: number, fields: Partial<JobStart> = {}): JobStart {
  return {
    id: id(n),
    job: "refresh-stale",
    trigger: "command",
    actor: "a@b",
    startedAt: NOON + n,
    ...fields,
  };
}

function ended(fields: Partial<JobEnd> = {}): JobEnd {
  return {
    outcome: "succeeded",
    counts: { refreshed: 2 },
    error: null,
    message: null,
    endedAt: NOON + 60_001,
    ...fields,
  };
}

const RUNNING = { endedAt: null, outcome: null, counts: {}, error: null, message: null };

/** What every record of runs does. */
export const JOB_RUNS_CONTRACT: readonly ContractCase<JobRuns>[] = [
  {
    name: "start() records a run that is under way, once",
    run: async (runs) => {
      await runs.start(begin(1));
      await runs.start(begin(1, { actor: "another" }));
      assertEquals(await runs.list({ limit: 9 }), [{ ...begin(1), ...RUNNING, seenAt: NOON + 1 }]);
    },
  },
  {
    name: "sign() keeps a run from being lost and never goes back",
    run: async (runs) => {
      await runs.start(begin(1));
      await runs.sign(id(1), { at: NOON + 20_000, counts: { asked: 5 } });
      await runs.sign(id(1), { at: NOON + 10_000 });
      const [run] = await runs.list({ limit: 1 });
      assertEquals([run!.seenAt, run!.counts], [NOON + 20_000, { asked: 5 }]);
      assertEquals(jobRunState(run!, run!.seenAt + JOB_LOST_MS), "running");
      assertEquals(jobRunState(run!, run!.seenAt + JOB_LOST_MS + 1), "lost");
    },
  },
  {
    name: "end() says how it went, and the first end stays",
    run: async (runs) => {
      const end = ended({
        outcome: "failed",
        error: { code: "INTERNAL", message: 'no "way"\u0000' },
        message: "it \u0000failed",
      });
      await runs.start(begin(1));
      await runs.end(id(1), end);
      await runs.end(id(1), ended());
      await runs.sign(id(1), { at: NOON + 90_000, counts: {} });
      assertEquals(await runs.list({ limit: 1 }), [{
        ...begin(1),
        ...end,
        error: { code: "INTERNAL", message: 'no "way"' },
        message: "it failed",
        seenAt: NOON + 60_001,
      }]);
    },
  },
  {
    name: "begin() begins a run unless one of the job is under way",
    run: async (runs) => {
      await runs.begin(begin(9, { job: "back-up" }));
      const first = await runs.begin(begin(1));
      assertEquals(first, { state: "begun", run: { ...begin(1), ...RUNNING, seenAt: NOON + 1 } });
      assertEquals(await runs.begin(begin(2)), { ...first, state: "running" });
      assertEquals(await runs.begin(begin(1)), first, "said twice");
      await runs.end(id(1), ended());
      assertEquals((await runs.begin(begin(3))).state, "begun");
      assertEquals((await runs.list({ limit: 9 })).map(({ id }) => id), [id(9), id(3), id(1)]);
    },
  },
  {
    name: "begin() sees a run that was recorded by start(), as long as it gives signs of life",
    run: async (runs) => {
      await runs.start(begin(1));
      await runs.sign(id(1), { at: NOON + 10_000 });
      const at = (n: number, startedAt: number) => runs.begin(begin(n, { startedAt }));
      assertEquals((await at(2, NOON + 10_000 + JOB_LOST_MS)).state, "running");
      assertEquals((await at(2, NOON + 10_001 + JOB_LOST_MS)).state, "begun");
      assertEquals((await at(3, NOON + 10_002 + JOB_LOST_MS)).run.id, id(2), "the newer one");
    },
  },
  {
    name: "begin() gives the first run of a key, whatever became of it, and of its job only",
    run: async (runs) => {
      const [key, other] = ["a".repeat(64), "b".repeat(64)];
      const first = await runs.begin(begin(1), { key });
      assertEquals(await runs.begin(begin(2), { key }), { ...first, state: "repeated" });
      assertEquals((await runs.begin(begin(2), { key: other })).state, "running");
      await runs.end(id(1), ended());
      assertEquals((await runs.begin(begin(3), { key: other })).state, "begun");
      const again = await runs.begin(begin(4), { key });
      assertEquals([again.state, again.run.id, again.run.outcome], ["repeated", id(1), "succeeded"]);
      assertEquals((await runs.begin(begin(5, { job: "back-up" }), { key })).state, "begun");
    },
  },
  {
    name: "begin() at once begins one run",
    run: async (runs) => {
      const all = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => runs.begin(begin(n))));
      assertEquals(all.filter(({ state }) => state === "begun").length, 1);
      assertEquals(new Set(all.map(({ run }) => run.id)).size, 1);
    },
  },
  {
    name: "find() gives a run by its id",
    run: async (runs) => {
      await runs.start(begin(1));
      assertEquals(await runs.find(id(1)), { ...begin(1), ...RUNNING, seenAt: NOON + 1 });
      assertEquals(await runs.find(id(2)), null);
    },
  },
  {
    name: "list() gives the newest first, of one job, of a time, up to a limit",
    run: async (runs) => {
      for (const n of [2, 1, 3]) await runs.start(begin(n));
      await runs.start(begin(4, { job: "back-up" }));
      const list = async (query: Parameters<JobRuns["list"]>[0]) =>
        (await runs.list(query)).map((run) => run.startedAt - NOON);
      assertEquals(await list({ limit: 9 }), [4, 3, 2, 1]);
      assertEquals(await list({ limit: 2 }), [4, 3]);
      assertEquals(await list({ limit: 9, job: "refresh-stale", since: NOON + 2, until: NOON + 4 }), [3, 2]);
    },
  },
  {
    name: "countOutcomes() counts by job and end, and what comes after the period changes nothing",
    run: async (runs) => {
      for (const n of [1, 2, 3, 4, 5]) await runs.start(begin(n));
      await runs.start(begin(6, { job: "back-up" }));
      for (const n of [2, 3]) await runs.end(id(n), ended({ endedAt: NOON + 9 }));
      await runs.end(id(6), ended({ outcome: "failed", endedAt: NOON + 9 }));
      const period = { since: NOON + 2, until: NOON + 10 };
      const counted = await runs.countOutcomes(period);
      assertEquals(counted, [
        { job: "back-up", outcome: "failed", runs: 1 },
        { job: "refresh-stale", outcome: "succeeded", runs: 2 },
        { job: "refresh-stale", outcome: null, runs: 2 },
      ]);
      await runs.start(begin(10));
      for (const n of [4, 5]) await runs.end(id(n), ended({ endedAt: NOON + 10 }));
      assertEquals(await runs.countOutcomes(period), counted);
      assertEquals(await runs.countOutcomes({ since: NOON + 11, until: NOON + 20 }), []);
    },
  },
  {
    name: "latest() gives the newest run and the newest success of each job",
    run: async (runs) => {
      assertEquals(await runs.latest(), []);
      for (const n of [1, 2, 3]) await runs.start(begin(n));
      await runs.end(id(1), ended());
      await runs.end(id(2), ended({ outcome: "partly_failed" }));
      await runs.start(begin(4, { job: "back-up" }));
      await runs.start(begin(5, { job: "check-health" }));
      await runs.end(id(5), ended());
      const found = (await runs.latest()).map(({ job, latest, latestSuccess }) =>
        [
          job,
          latest.startedAt - NOON,
          latestSuccess === null ? null : latestSuccess.startedAt - NOON,
        ] as const
      );
      assertEquals(found, [["back-up", 4, null], ["check-health", 5, 5], ["refresh-stale", 3, 1]]);
    },
  },
  {
    name: "firstAt() is when the tables were made",
    run: async (runs) => {
      const at = await runs.firstAt();
      assert(Number.isInteger(at) && Math.abs(Date.now() - at) < 3_600_000, String(at));
    },
  },
];
