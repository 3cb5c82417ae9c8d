import { openPostgresServer, type PostgresServer } from "@ipcascade/testkit";
import { Claims, type Evidence } from "./figures.ts";
import { listVictims, type Victim } from "./scheduler_victims.ts";
import { lineOf, openSchedulerWorld, tickOf, until } from "./scheduler_world.ts";

/** How holders are killed. */
export interface SchedulerKills {
  /** Rounds of each job. In the first one the kill comes in mid-job, later at random moments. */
  readonly rounds: number;
  readonly rows: number;
  /** The leases of whoever was killed are ended at once, instead of by their time. */
  readonly isHurried: boolean;
}

/** Whoever is taken over from must be within this time, in milliseconds. */
const TAKE_OVER_MS = 60_000;

/** Kill -9 of the holder of a run: another scheduler takes over within a minute, and the effects are there once. */
export async function proveSchedulerKills(kills: SchedulerKills): Promise<Evidence> {
  const claims = new Claims();
  await using server = await openPostgresServer();
  const victims = listVictims(kills.rows);
  const figures: Record<string, string> = {};
  await Promise.all(victims.map(async (victim) => {
    const seconds: number[] = [];
    let within = 0;
    for (let round = 1; round <= kills.rounds; round++) {
      const killed = await killOnce(server, victim, { ...kills, isRandom: round > 1, claims });
      if (killed === null) continue;
      within++;
      seconds.push(killed);
    }
    const most = Math.max(...seconds).toFixed(1);
    figures[victim.job] =
      `${within} of ${kills.rounds} killed within the run, taken over after ${most} s at most`;
  }));
  return {
    conditions:
      `two scheduler processes on one PostgreSQL server and a lab for each job, ${kills.rows} rows, ` +
      (kills.isHurried ? "leases ended by hand after the kill" : "leases end by their time"),
    figures,
    broken: claims.broken,
  };
}

/** Gives the seconds until another run began; null where the first one had ended before it was killed. */
async function killOnce(
  server: PostgresServer,
  victim: Victim,
  { isHurried, isRandom, claims }: SchedulerKills & { readonly isRandom: boolean; readonly claims: Claims },
): Promise<number | null> {
  const { job } = victim;
  const line = lineOf(10);
  const lines = { [job]: line, "check-quota": line };
  await using world = await openSchedulerWorld(server, { ...victim.options, lines });
  const check = (holds: boolean, claim: string) => claims.check(holds, `${job}: ${claim}`);
  victim.prepare?.(world);
  const second = world.start({
    fires: ["check-quota"],
    env: { IPCASCADE_DATA_DIR: world.dir.join("second") },
  });
  const first = world.start({ fires: [job] });
  await until(`${job} runs`, async () => (await world.runs(job)).length > 0);
  if (isRandom) await new Promise((resolve) => setTimeout(resolve, Math.random() * victim.lengthMs));
  else await until(`${job} is in its middle`, () => victim.isMidJob(world));
  first.kill("SIGKILL");
  await first.status;
  const killedAt = performance.now();
  const seen = await victim.settle(world);
  const isOver = (await world.runs(job))[0]!.outcome !== null;
  if (isOver && isRandom) return null;
  check(!isOver, "its run was over before it was killed");
  if (isHurried) await world.endLeases();
  await until(`${job} is taken over`, async () => (await world.runs(job)).length > 1, 90_000);
  const seconds = (performance.now() - killedAt) / 1_000;
  const ended = async () => (await world.runs(job)).every(({ outcome }) => outcome !== null);
  await until(`${job} ends: ${second.said()}`, ended, 120_000);
  check(seconds * 1_000 < TAKE_OVER_MS, `taken over after ${seconds} s`);
  const told = (await world.runs(job)).map(({ outcome, attempt, tick }) => `${outcome} ${attempt} ${tick}`);
  const tick = tickOf(line);
  const wanted = [`lost 1 ${tick}`, `succeeded 2 ${tick}`];
  check(told.join() === wanted.join(), `the record has ${told.join(", ")}: ${second.said().slice(-600)}`);
  for (const broken of await seen()) check(false, broken);
  return seconds;
}
