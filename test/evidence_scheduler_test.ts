import { assertEquals } from "@std/assert";
import type { Evidence } from "./evidence/figures.ts";
import { proveSchedulerDatabase } from "./evidence/scheduler_database.ts";
import { proveSchedulerFires } from "./evidence/scheduler_fires.ts";
import { proveSchedulerKills } from "./evidence/scheduler_kill.ts";
import { proveSchedulerStops } from "./evidence/scheduler_stop.ts";
import { proveSchedulerTimes } from "./evidence/scheduler_times.ts";

const [ROUNDS, ROWS] = [1, 60];

type Proofs = Readonly<Record<string, () => Promise<Evidence>>>;

/** The short form of `deno task prove scheduler-…`. They wait more than they work: those of a group run at once. */
const GROUPS: readonly Proofs[] = [
  {
    "kill -9 of a scheduler in mid-job: another one takes over, effects once": () =>
      proveSchedulerKills({ rounds: ROUNDS, rows: ROWS, isHurried: true }),
    "two schedulers whose crons fire all the time run every job once": () =>
      proveSchedulerFires({ schedulers: 2, seconds: 0, offsetMs: 500 }),
  },
  {
    "stopped schedulers end in time and go on later, frozen ones give up": () =>
      proveSchedulerStops({ rounds: ROUNDS, rows: ROWS }),
    "every tick has one last word, also under clocks that differ and after downtime": () =>
      proveSchedulerTimes({ schedulers: 2, minutes: 0 }),
    "a database that restarts or is away in mid-job: the tick is done once, and people are told": () =>
      proveSchedulerDatabase({ rows: ROWS + 40, awaySeconds: 2 }),
  },
];

for (const proofs of GROUPS) {
  Deno.test(Object.keys(proofs).join("; "), async (t) => {
    const running = Object.entries(proofs).map(([claim, prove]) => ({ claim, proof: prove() }));
    await Promise.allSettled(running.map(({ proof }) => proof));
    for (const { claim, proof } of running) {
      await t.step(claim, async () => assertEquals((await proof).broken, []));
    }
  });
}
