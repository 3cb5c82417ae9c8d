import { openPostgresServer } from "@ipcascade/testkit";
import { openSmtpServer } from "@ipcascade/testkit/lab";
import { Claims, type Evidence } from "./figures.ts";
import { fresh, refreshing } from "./scheduler_victims.ts";
import { lineOf, openSchedulerWorld, tickOf, until } from "./scheduler_world.ts";

/** How long the database is away, and how much is under way. */
export interface SchedulerDatabase {
  readonly rows: number;
  /** Of the second time that the server is stopped; the first time it is started again at once. */
  readonly awaySeconds: number;
}

/**
 * The server restarts, and is away, in mid-job: the tick is dealt with once, everything is refreshed, and people are told
 * while it is away.
 */
export async function proveSchedulerDatabase(
  { rows, awaySeconds }: SchedulerDatabase,
): Promise<Evidence> {
  const claims = new Claims();
  const check = (holds: boolean, claim: string) => claims.check(holds, claim);
  await using server = await openPostgresServer();
  await using smtp = await openSmtpServer();
  const { job, isMidJob } = refreshing(rows);
  const line = lineOf(10);
  const env = { SMTP_URL: `smtp://127.0.0.1:${smtp.port}`, ALERT_EMAIL_TO: "ops@example.com" };
  const lines = { [job]: line, "check-health": line, "check-quota": line };
  await using world = await openSchedulerWorld(server, { lines, rows, env });
  const second = world.start({
    fires: ["check-quota"],
    env: { IPCASCADE_DATA_DIR: world.dir.join("second") },
  });
  const first = world.start({ fires: [job] });
  await until("the job is in its middle", () => isMidJob(world));
  await server.stop();
  await server.start();
  const asked = world.lab.requests.greynoiseRequests;
  await until("the job goes on", () => world.lab.requests.greynoiseRequests > asked, 30_000);

  await server.stop();
  const stoppedAt = performance.now();
  const teller = world.start({
    fires: ["check-health"],
    env: { IPCASCADE_DATA_DIR: world.dir.join("third") },
  });
  const isTold = () => smtp.mails.some(({ subject }) => subject.includes("health.database"));
  await until(`people are told: ${teller.said()}`, isTold, 60_000).catch((error) =>
    check(false, String(error))
  );
  const toldMs = performance.now() - stoppedAt;
  const leftMs = Math.max(0, awaySeconds * 1_000 - toldMs);
  await new Promise((resolve) => setTimeout(resolve, leftMs));
  await server.start();
  const isDone = async () =>
    (await world.runs(job).catch(() => [])).some(({ outcome }) => outcome === "succeeded");
  await until(`the job is done: ${first.said().slice(-900)} ${second.said().slice(-900)}`, isDone, 240_000);
  const runs = await world.runs(job);
  const told = runs.map(({ outcome, attempt }) => `${outcome} ${attempt}`).join();
  check(runs.every(({ tick }) => tick === tickOf(line)), `ticks: ${runs.map(({ tick }) => tick).join()}`);
  check(runs.filter(({ outcome }) => outcome === "succeeded").length === 1, `the record has ${told}`);
  check((await fresh(world)).length === rows, `${(await fresh(world)).length} of ${rows} rows are fresh`);
  const health = (await world.runs("check-health")).map(({ outcome, tick }) => `${outcome} ${tick}`).join();
  return {
    conditions: `two schedulers that share a PostgreSQL server, which is started anew and then away for ` +
      `${
        Math.max(awaySeconds, toldMs / 1_000).toFixed(0)
      } s while ${rows} rows are refreshed; a third one starts then`,
    figures: { [job]: told, "check-health": health, "told after": `${(toldMs / 1_000).toFixed(1)} s` },
    broken: claims.broken,
  };
}
