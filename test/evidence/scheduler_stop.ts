import { openPostgresServer, type PostgresServer } from "@ipcascade/testkit";
import { Claims, type Evidence } from "./figures.ts";
import { IN_HAND, isAlone, listVictims, refreshing, type Victim } from "./scheduler_victims.ts";
import {
  lineOf,
  openSchedulerWorld,
  type SchedulerProcess,
  type SchedulerWorld,
  tickOf,
  until,
} from "./scheduler_world.ts";

/** How schedulers are stopped and frozen. */
export interface SchedulerStops {
  readonly rounds: number;
  readonly rows: number;
}

/** Deno Deploy grants five seconds from SIGINT to the end (https://docs.deno.com/deploy). */
const STOP_MS = 5_000;

/**
 * SIGINT in mid-job ends a scheduler in time, and its next start does the rest; a holder that was frozen until another
 * one took its place gives up when it comes back.
 */
export async function proveSchedulerStops({ rounds, rows }: SchedulerStops): Promise<Evidence> {
  const claims = new Claims();
  await using server = await openPostgresServer();
  const figures: Record<string, string> = {};
  const stopped = listVictims(rows).map(async (victim) => {
    const took: number[] = [];
    for (let round = 1; round <= rounds; round++) took.push(await stopOnce(server, victim, claims));
    figures[`${victim.job} stopped`] = `ended after ${Math.max(...took).toFixed(0)} ms at most`;
  });
  const frozen = async () => {
    for (let round = 1; round <= rounds; round++) {
      figures["refresh-stale frozen"] = await freezeOnce(server, rows, claims);
    }
  };
  await Promise.all([...stopped, frozen()]);
  return {
    conditions:
      `${rounds} rounds of SIGINT in mid-job for each of three jobs, and of SIGSTOP and SIGCONT for one, ` +
      `${rows} rows, one PostgreSQL server`,
    figures,
    broken: claims.broken,
  };
}

/** Gives the milliseconds from the signal to the end of the process. */
async function stopOnce(server: PostgresServer, victim: Victim, claims: Claims): Promise<number> {
  const { job } = victim;
  const line = lineOf(10);
  await using world = await openSchedulerWorld(server, { ...victim.options, lines: { [job]: line } });
  const check = (holds: boolean, claim: string) => claims.check(holds, `${job} stopped: ${claim}`);
  victim.prepare?.(world);
  const first = world.start({ fires: [job] });
  await until(`${job} is in its middle`, () => victim.isMidJob(world));
  const stoppedAt = performance.now();
  first.kill("SIGINT");
  const { code } = await first.status;
  const tookMs = performance.now() - stoppedAt;
  check(tookMs < STOP_MS, `ended after ${tookMs.toFixed(0)} ms`);
  check(code === 130, `ended with ${code}`);
  const seen = await victim.settle(world);
  const [run] = await world.runs(job);
  check(run?.outcome === "stopped", `the record says ${run?.outcome}: ${first.said().slice(-500)}`);
  const next = world.start({ fires: [job] });
  const isDone = async () => (await world.runs(job)).some(({ outcome }) => outcome === "succeeded");
  await until(`${job} is done: ${next.said()}`, isDone);
  const told = (await world.runs(job)).map(({ outcome, attempt, tick }) => `${outcome} ${attempt} ${tick}`);
  const wanted = [`stopped 1 ${tickOf(line)}`, `succeeded 2 ${tickOf(line)}`];
  check(told.join() === wanted.join(), `the record has ${told.join(", ")}`);
  for (const broken of await seen()) check(false, broken);
  return tookMs;
}

/** Freezes a process that has no transaction open: what one in the middle of it holds is the database's to end. */
async function freezeBetween(process: SchedulerProcess, world: SchedulerWorld): Promise<void> {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
  for (let tries = 1; tries <= 50; tries++) {
    process.kill("SIGSTOP");
    await pause();
    if (await isAlone(world, 1)) return;
    process.kill("SIGCONT");
    await pause();
  }
  throw new Error("Cannot freeze the scheduler between two transactions");
}

async function freezeOnce(server: PostgresServer, rows: number, claims: Claims): Promise<string> {
  const victim = refreshing(rows);
  const { job } = victim;
  const line = lineOf(10);
  const lines = { [job]: line, "check-quota": line };
  await using world = await openSchedulerWorld(server, { ...victim.options, lines });
  const check = (holds: boolean, claim: string) => claims.check(holds, `frozen: ${claim}`);
  const first = world.start({ fires: [job] });
  await until(`${job} is in its middle`, () => victim.isMidJob(world));
  await freezeBetween(first, world);
  const seen = await victim.settle(world);
  const second = world.start({
    fires: [job],
    env: { IPCASCADE_DATA_DIR: world.dir.join("second") },
  });
  await until("the second one looks", () => second.said().includes("runs elsewhere"));
  await world.endLeases();
  await until("another run begins", async () => (await world.runs(job)).length > 1);
  first.kill("SIGCONT");
  const thawedAt = performance.now();
  const gaveUp = () => first.said().includes("Another run took the place");
  await until(`the frozen one gives up: ${first.said()}`, gaveUp, 30_000);
  const seconds = (performance.now() - thawedAt) / 1_000;
  const isDone = async () => (await world.runs(job)).every(({ outcome }) => outcome !== null);
  await until("the other one is done", isDone);
  first.kill("SIGINT");
  await first.status;
  const told = (await world.runs(job)).map(({ outcome, attempt }) => `${outcome} ${attempt}`).join();
  check(told === "lost 1,succeeded 2", `the record has ${told}: ${second.said().slice(-400)}`);
  for (const broken of await seen(IN_HAND)) check(false, broken);
  return `gave up ${seconds.toFixed(1)} s after SIGCONT`;
}
