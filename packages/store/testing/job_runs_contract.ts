import {
  JOB_LOST_MS,
  type JobEnd,
  type JobRuns,
  jobRunState,
  type JobStart,
  MAX_TICK_ATTEMPTS,
} from "@ipcascade/core";
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

const UNTIMED = { tickAt: null, attempt: 1 };
const RUNNING = { endedAt: null, outcome: null, counts: {}, error: null, message: null, ...UNTIMED };

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
        ...UNTIMED,
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
    name: "begin() waits for no run of another job, unless they conflict",
    run: async (runs) => {
      const backup = await runs.begin(begin(1, { job: "back-up" }));
      const other = begin(2, { job: "update-editions" });
      assertEquals(await runs.begin(other, { conflicts: ["prune", "back-up"] }), {
        state: "conflicting",
        run: backup.run,
      });
      assertEquals((await runs.begin(other, { conflicts: ["prune"] })).state, "begun");
      await runs.end(id(1), ended());
      await runs.end(id(2), ended());
      assertEquals((await runs.begin(begin(3), { conflicts: ["back-up"] })).state, "begun");
    },
  },
  {
    name: "begin() runs a tick until it has an end that stands",
    run: async (runs) => {
      const at = (n: number) => runs.begin(begin(n), { tickAt: NOON });
      const first = await at(1);
      assertEquals([first.state, first.run.tickAt, first.run.attempt], ["begun", NOON, 1]);
      assertEquals((await at(2)).state, "running");
      await runs.end(id(1), ended({ outcome: "stopped" }));
      const second = await at(2);
      assertEquals([second.state, second.run.attempt], ["begun", 2]);
      await runs.end(id(2), ended());
      assertEquals(await at(3), { state: "settled", run: (await runs.find(id(2)))! });
      assertEquals((await runs.begin(begin(3), { tickAt: NOON + 60_000 })).state, "begun");
      assertEquals((await runs.begin(begin(4, { job: "back-up" }), { tickAt: NOON })).state, "begun");
    },
  },
  {
    name: "begin() leaves a tick alone that failed too often, or for good",
    run: async (runs) => {
      for (let n = 1; n <= MAX_TICK_ATTEMPTS; n++) {
        assertEquals((await runs.begin(begin(n), { tickAt: NOON })).state, "begun", String(n));
        await runs.end(id(n), ended({ outcome: "failed", error: { code: "STORE_FAILED", message: "no" } }));
      }
      assertEquals((await runs.begin(begin(20), { tickAt: NOON })).state, "settled");
      await runs.begin(begin(21), { tickAt: NOON + 1 });
      await runs.end(id(21), ended({ outcome: "failed", error: { code: "BAD_USAGE", message: "no" } }));
      assertEquals((await runs.begin(begin(22), { tickAt: NOON + 1 })).state, "settled");
    },
  },
  {
    name: "begin() ends a run that was lost as lost, which learns it at its next sign",
    run: async (runs) => {
      await runs.start(begin(1));
      const later = { startedAt: NOON + 2 + JOB_LOST_MS };
      assertEquals(await runs.sign(id(1), { at: NOON + 1 }), true);
      assertEquals((await runs.begin(begin(2, later), { tickAt: NOON })).state, "begun");
      const lost = (await runs.find(id(1)))!;
      assertEquals([lost.outcome, lost.endedAt, lost.seenAt], ["lost", NOON + 1, NOON + 1]);
      assertEquals(await runs.sign(id(1), { at: NOON + 99_000 }), false);
      await runs.end(id(1), ended());
      assertEquals((await runs.find(id(1)))!.outcome, "lost");
    },
  },
  {
    name: "skipTick() records a tick once, with the reason, unless it was run or runs",
    run: async (runs) => {
      const error = { code: "TICK_MISSED", message: "nobody was there" };
      const skip = (n: number, tickAt: number) => runs.skipTick({ ...begin(n), tickAt, error });
      assertEquals([await skip(1, NOON), await skip(1, NOON), await skip(2, NOON)], [true, true, false]);
      const run = (await runs.find(id(1)))!;
      assertEquals([run.outcome, run.error, run.tickAt, run.endedAt], ["skipped", error, NOON, NOON + 1]);
      await runs.begin(begin(3), { tickAt: NOON + 1 });
      assertEquals(await skip(4, NOON + 1), false);
      await runs.end(id(3), ended({ outcome: "stopped" }));
      assertEquals(await skip(4, NOON + 1), true);
      assertEquals((await runs.findTick("refresh-stale", NOON + 1))?.attempt, 2);
      assertEquals(await runs.findTick("back-up", NOON), null);
    },
  },
  {
    name: "latestTicks() gives the last run of the latest tick of each job",
    run: async (runs) => {
      assertEquals(await runs.latestTicks(NOON), []);
      await runs.start(begin(1, { job: "prune" }));
      const tick = async (n: number, job: JobStart["job"], tickAt: number) => {
        await runs.begin(begin(n, { job }), { tickAt });
        await runs.end(id(n), ended({ outcome: "stopped" }));
      };
      await tick(2, "refresh-stale", NOON);
      await tick(3, "back-up", NOON + 5);
      await tick(4, "back-up", NOON + 5);
      await tick(5, "back-up", NOON + 4);
      await tick(6, "back-up", NOON + 99);
      const found = (await runs.latestTicks(NOON + 98)).map((
        { job, tickAt, attempt },
      ) => [job, tickAt! - NOON, attempt]);
      assertEquals(found, [["back-up", 5, 2], ["refresh-stale", 0, 1]]);
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
