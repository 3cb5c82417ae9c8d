import { JOB_NAMES, JOB_SCHEDULES, type JobName } from "@ipcascade/core";
import { openPostgresServer } from "@ipcascade/testkit";
import { openSmtpServer } from "@ipcascade/testkit/lab";
import { Claims, type Evidence } from "./figures.ts";
import { openSchedulerWorld, type RunRow, until } from "./scheduler_world.ts";

/** How many schedulers are started on one database. */
export interface SchedulerFires {
  readonly schedulers: number;
  /** So long they go on firing after every job has run, in seconds. */
  readonly seconds: number;
  /** So long after its start, and after each of its runs, every cron fires, in milliseconds. */
  readonly offsetMs: number;
}

/** Every job that has a default line fires in real processes, again and again: each tick is run once. */
export async function proveSchedulerFires(
  { schedulers, seconds, offsetMs }: SchedulerFires,
): Promise<Evidence> {
  const claims = new Claims();
  await using server = await openPostgresServer();
  await using smtp = await openSmtpServer();
  const lines = Object.fromEntries(
    JOB_NAMES.flatMap((job) => JOB_SCHEDULES[job] === null ? [] : [[job, JOB_SCHEDULES[job]]]),
  ) as Partial<Record<JobName, string>>;
  const jobs = Object.keys(lines) as JobName[];
  const env = {
    DENO_CRON_TEST_SCHEDULE_OFFSET: String(offsetMs),
    EDITION_STORE: "postgres",
    SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
    ALERT_EMAIL_TO: "ops@example.com",
  };
  await using world = await openSchedulerWorld(server, { lines, rows: 20, env, since: Date.now() });
  for (const edition of ["GeoLite2-City", "GeoLite2-ASN"]) {
    world.lab.publish(edition, { buildEpoch: new Date(Date.now() - 86_400_000) });
  }
  const crew = Array.from({ length: schedulers }, () => world.start());
  const hasEnded = async () => {
    const ended = (await world.runs()).filter(({ outcome }) => outcome !== null);
    return new Set(ended.map(({ job }) => job)).size === jobs.length;
  };
  await until("every job has run", hasEnded, 120_000).catch((error) => claims.check(false, String(error)));
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  for (const scheduler of crew) {
    scheduler.kill("SIGTERM");
    const { code } = await scheduler.status;
    claims.check(code === 143, `a scheduler ended with ${code}: ${scheduler.said().slice(-500)}`);
    claims.check(!/error:|panicked/.test(scheduler.said()), `it said ${scheduler.said().slice(-900)}`);
  }
  const runs = await world.runs();
  const doubled = findDoubled(runs);
  claims.check(doubled.length === 0, `more than one run: ${doubled.join(", ")}`);
  for (const { job, outcome, error } of runs) {
    claims.check(outcome === "succeeded", `${job} ended ${outcome}: ${error}`);
  }
  const deals = crew.flatMap((scheduler) => scheduler.said().match(/dealt with before/g) ?? []).length;
  return {
    conditions:
      `${schedulers} processes of apps/scheduler/main.ts, every cron ${offsetMs} ms after its last run, ` +
      `default lines, one PostgreSQL server, the lab`,
    figures: { jobs: jobs.length, runs: runs.length, fires: runs.length + deals, mails: smtp.mails.length },
    broken: claims.broken,
  };
}

/** Ticks that were begun more than once, though nothing was lost, stopped or failed. */
function findDoubled(runs: readonly RunRow[]): readonly string[] {
  const seen = new Map<string, number>();
  for (const { job, tick } of runs) seen.set(`${job} ${tick}`, (seen.get(`${job} ${tick}`) ?? 0) + 1);
  return [...seen].filter(([, times]) => times > 1).map(([tick]) => tick);
}
