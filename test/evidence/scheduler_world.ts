import { formatInstant, JOB_NAMES, type JobName } from "@ipcascade/core";
import { createSqlJobTimetable, migrate } from "@ipcascade/store";
import { previousTick, scheduleName } from "@ipcascade/platform";
import { DENO_RUN, openTempDir, type PostgresServer, type TempDir } from "@ipcascade/testkit";
import { type Lab, openLab } from "@ipcascade/testkit/lab";
import postgres, { type Sql } from "postgres";
import { connectServer } from "../../packages/store/testing/databases.ts";
import { findFaketime } from "../faketime.ts";
import { seedRows } from "../inventory_rows.ts";

/** The door itself, whose crons fire as the environment says. */
export const SCHEDULER_MAIN = new URL("../../apps/scheduler/main.ts", import.meta.url).pathname;
const SCHEDULER_PROCESS = new URL("scheduler_process.ts", import.meta.url).pathname;

/** What schedulers work on; everything has a default. */
export interface SchedulerWorldOptions {
  /** Lines of the jobs that are on. */
  readonly lines: Readonly<Partial<Record<JobName, string>>>;
  /** Rows whose GreyNoise answers are stale. Default 0. */
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Since when the lines are in force, in milliseconds since 1970 UTC. Default a day ago. */
  readonly since?: number;
}

/** A run as its record has it. */
export interface RunRow {
  readonly id: string;
  readonly job: JobName;
  readonly outcome: string | null;
  readonly attempt: number;
  readonly tick: string | null;
  readonly actor: string;
  readonly error: string | null;
  /** Milliseconds since 1970 UTC, by the process's clock. */
  readonly started: number;
}

/** How a scheduler is started. */
export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Shift of its clock, as `faketime` takes it, such as `+4m`. */
  readonly clock?: string;
  /** The door itself, with crons that fire. Default a process that deals with these jobs at once, then goes on. */
  readonly fires?: readonly JobName[];
}

/** A scheduler as a process. */
export interface SchedulerProcess extends AsyncDisposable {
  readonly pid: number;
  readonly status: Promise<Deno.CommandStatus>;
  kill(signal: Deno.Signal): void;
  /** What it said on standard error until now. */
  said(): string;
}

/** Schedulers on one database of a PostgreSQL server, against a lab. */
export interface SchedulerWorld extends AsyncDisposable {
  readonly lab: Lab;
  readonly dir: TempDir;
  readonly sql: Sql;
  readonly url: string;
  start(options?: StartOptions): SchedulerProcess;
  runs(job?: JobName): Promise<readonly RunRow[]>;
  /** Lets the leases of whoever is gone run out now instead of within their time. */
  endLeases(): Promise<void>;
}

/** Opens a world: `await using world = await openSchedulerWorld(server, options)`. */
export async function openSchedulerWorld(
  server: PostgresServer,
  { lines, rows = 0, env = {}, since = Date.now() - 86_400_000 }: SchedulerWorldOptions,
): Promise<SchedulerWorld> {
  const [dir, lab, url] = await Promise.all([openTempDir(), openLab(), server.createDatabase()]);
  const store = connectServer(url, 1);
  await migrate(store);
  const schedules = Object.fromEntries(JOB_NAMES.map((job) => [job, lines[job] ?? null]));
  await createSqlJobTimetable(store).note({
    by: "an earlier scheduler",
    at: since,
    schedules: schedules as Record<JobName, string | null>,
  });
  if (rows > 0) await seedRows(store, rows, { now: Date.now(), cymruDays: 1, busy: true });
  await store.close();
  const sql = postgres(url, { max: 2, onnotice: () => {}, fetch_types: false });
  const base: Record<string, string> = {
    ...lab.env,
    HOME: dir.path,
    PATH: Deno.env.get("PATH") ?? "",
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
    NO_COLOR: "1",
    DATABASE_URL: url,
    IPCASCADE_DATA_DIR: dir.join("data"),
    BACKUP_DIR: dir.join("backups"),
    GREYNOISE_QUOTA: "100000/month",
    GREYNOISE_REFRESH_SHARE: "1",
    ...Object.fromEntries(JOB_NAMES.map((job) => [scheduleName(job), lines[job] ?? "off"])),
    ...env,
  };
  const started: SchedulerProcess[] = [];
  return {
    lab,
    dir,
    sql,
    url,
    start: (options = {}) => {
      const process = startScheduler(base, options);
      started.push(process);
      return process;
    },
    runs: (job) => readRuns(sql, job),
    endLeases: () => endLeases(sql),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(started.map((process) => process[Symbol.asyncDispose]()));
      await sql.end({ timeout: 1 });
      await lab.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** A line that ticked so many minutes ago, and does so once a day. */
export function lineOf(minutesAgo: number): string {
  const at = new Date(Date.now() - minutesAgo * 60_000);
  return `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
}

/** The last tick of a line, as records have it. */
export function tickOf(line: string): string {
  return formatInstant(previousTick(line, Date.now())!);
}

/** Waits until something is so. Throws when it takes too long. */
export async function until(
  what: string,
  check: () => Promise<boolean> | boolean,
  ms = 60_000,
): Promise<void> {
  const endsAt = performance.now() + ms;
  while (!await check()) {
    if (performance.now() > endsAt) throw new Error(`It takes too long until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function startScheduler(
  base: Readonly<Record<string, string>>,
  { env = {}, clock, fires }: StartOptions,
): SchedulerProcess {
  const run = [...DENO_RUN, ...fires === undefined ? [SCHEDULER_MAIN] : [SCHEDULER_PROCESS, ...fires]];
  const child = new Deno.Command(Deno.execPath(), {
    args: run,
    env: { ...base, ...env, ...clock === undefined ? {} : shiftClock(clock) },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let text = "";
  const reading = (async () => {
    for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) text += part;
  })();
  let isOver = false;
  const status = child.status.finally(() => isOver = true);
  const kill = (signal: Deno.Signal) => {
    if (!isOver) Deno.kill(child.pid, signal);
  };
  return {
    pid: child.pid,
    status,
    kill,
    said: () => text,
    [Symbol.asyncDispose]: async () => {
      kill("SIGKILL");
      await status;
      await reading;
    },
  };
}

/** What gives a process another clock. The program itself would stand between the process and its signals. */
function shiftClock(shift: string): Record<string, string> {
  const program = findFaketime();
  if (program === null) throw new Error("Cannot shift a clock: faketime is not installed");
  const { stdout } = new Deno.Command(program, { args: ["-m", "-f", shift, "printenv", "LD_PRELOAD"] })
    .outputSync();
  const library = new TextDecoder().decode(stdout).trim();
  return { LD_PRELOAD: library, FAKETIME: shift, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
}

async function readRuns(sql: Sql, job: JobName | undefined): Promise<readonly RunRow[]> {
  return await sql<RunRow[]>`
    select id::text as id, job, outcome, attempt, actor, error::text as error,
      to_char(tick_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as tick,
      (date_part('epoch', started_at) * 1000)::float8 as started
    from job_run where ${job ?? null}::text is null or job = ${job ?? null}::text
    order by tick_at, attempt, started_at`;
}

async function endLeases(sql: Sql): Promise<void> {
  await sql`update job_run set lease_until = clock_timestamp() where lease_until is not null`;
  await sql`update work_holder set expires_at = clock_timestamp()`;
  await sql`update edition_lease set expires_at = clock_timestamp()`;
}
