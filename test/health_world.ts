import type { HealthCheck, JobName } from "@ipcascade/core";
import { JOB_NAMES, JOB_SCHEDULES } from "@ipcascade/core";
import { type HealthReport, listChecks } from "@ipcascade/operations";
import { OutputStream, previousTick, type Terminal } from "@ipcascade/platform";
import { createSqlJobTimetable, type SqlClient } from "@ipcascade/store";
import {
  EDITION_IDS,
  openPostgresServer,
  openTempDir,
  type PostgresServer,
  type TempDir,
} from "@ipcascade/testkit";
import { type Lab, openLab } from "@ipcascade/testkit/lab";
import { rm } from "node:fs/promises";
import { runCli } from "../apps/cli/cli.ts";
import { connectServer, resetDatabase } from "../packages/store/testing/databases.ts";
import { seedRows } from "./inventory_rows.ts";

/** Milliseconds in a day. */
export const DAY = 86_400_000;
const HOUR = 3_600_000;

/** What a call of the command gave. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The report of `health`, and its checks by name. */
export interface Health extends Answer {
  readonly report: HealthReport;
  readonly checks: ReadonlyMap<string, HealthCheck>;
}

/** A healthy installation on a real server, against the lab; the command runs in this process. */
export interface HealthWorld extends AsyncDisposable {
  readonly lab: Lab;
  readonly dir: TempDir;
  readonly server: PostgresServer;
  readonly sql: SqlClient;
  /** The environment of the command; situations change it. */
  readonly env: Record<string, string>;
  readonly editionDir: string;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Answer>;
  health(args?: readonly string[], env?: Readonly<Record<string, string>>): Promise<Health>;
  /** Throws the editions away and installs some of an age. */
  installEditions(days: number): Promise<void>;
  /** Makes everything in the database good. */
  heal(): Promise<void>;
}

/** Rows of the healthy inventory. */
export const ROWS = 100;

/** Opens a world: `await using world = await openHealthWorld()`. */
export async function openHealthWorld(): Promise<HealthWorld> {
  const [dir, lab, server] = await Promise.all([openTempDir(), openLab(), openPostgresServer()]);
  const url = await server.createDatabase();
  const sql = connectServer(url, 2);
  const editionDir = dir.join("editions");
  const env: Record<string, string> = {
    ...lab.env,
    DATABASE_URL: url,
    IPCASCADE_DATA_DIR: dir.join("data"),
    GEOIPUPDATE_DB_DIR: editionDir,
    HOME: dir.path,
    // Nobody listens there: without --alert nothing is sent.
    ALERT_WEBHOOK_URL: "http://127.0.0.1:1/",
  };
  const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    runWith({ ...env, ...more }, args);
  const world: HealthWorld = {
    lab,
    dir,
    server,
    sql,
    env,
    editionDir,
    run,
    health: async (args = [], more = {}) =>
      readHealth(await run(["health", "--format", "json", ...args], more)),
    installEditions: async (days) => {
      await rm(editionDir, { recursive: true, force: true });
      publish(lab, days);
      const { code, stderr } = await run(["editions", "update"]);
      if (code !== 0) throw new Error(`Cannot install editions: ${stderr}`);
    },
    heal: () => heal(sql),
    [Symbol.asyncDispose]: async () => {
      await sql.close();
      await lab.close();
      await server[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
  await world.heal();
  await world.installEditions(1);
  return world;
}

/** Makes editions of an age the newest on offer. */
export function publish(lab: Lab, days: number): void {
  for (const id of EDITION_IDS) {
    lab.publish(id, { buildEpoch: Math.floor((Date.now() - days * DAY) / 1_000) });
  }
}

function readHealth(answer: Answer): Health {
  const report = JSON.parse(answer.stdout) as HealthReport;
  return { ...answer, report, checks: new Map(listChecks(report).map((check) => [check.name, check])) };
}

/**
 * Runs the command in this process, with this environment and nothing of the test run's own. `fault` is what writing to
 * standard output fails with.
 */
export async function runWith(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  fault: Error | null = null,
): Promise<Answer> {
  const before = Deno.env.toObject();
  for (const name of Object.keys(before)) Deno.env.delete(name);
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  const written = { stdout: "", stderr: "" };
  const target = {
    write(data: string | Uint8Array, done: (error: Error | null) => void) {
      const text = typeof data === "string" ? data : new TextDecoder().decode(data);
      if (fault === null) written.stdout += text;
      done(fault);
    },
    on() {},
  };
  const terminal: Terminal = {
    args,
    stdout: new OutputStream(target),
    stdinIsTerminal: true,
    stderrIsTerminal: false,
    columns: 80,
    writeError: (text) => void (written.stderr += text),
    exit: () => Promise.reject(new Error("Cannot exit within a test")),
  };
  try {
    return { code: await runCli(args, terminal), ...written };
  } finally {
    for (const name of Object.keys(env)) Deno.env.delete(name);
    for (const [name, value] of Object.entries(before)) Deno.env.set(name, value);
  }
}

async function heal(sql: SqlClient): Promise<void> {
  await resetDatabase(sql);
  await sql.query("update schema_migration set applied_at = now() - interval '60 days'");
  await seedRows(sql, ROWS, { now: Date.now(), cymruDays: 1, greynoiseDays: 1 });
  for (const job of JOB_NAMES) await addRun(sql, job);
  await noteScheduler(sql);
}

/** How a scheduler was at work. */
export interface NoteOptions {
  /** When it was seen last; now by default. It began 60 days before. */
  readonly seenAt?: number;
  /** Lines of its own. */
  readonly lines?: Readonly<Partial<Record<JobName, string | null>>>;
}

/** Writes down a scheduler as it does itself, in place of whatever is known of others. */
export async function noteScheduler(sql: SqlClient, options: NoteOptions = {}): Promise<void> {
  const { seenAt = Date.now(), lines = {} } = options;
  const timetable = createSqlJobTimetable(sql);
  await sql.query("delete from job_schedule");
  for (const at of [seenAt - 60 * DAY, seenAt]) {
    await timetable.note({ by: "root@pot-1", at, schedules: { ...JOB_SCHEDULES, ...lines } });
  }
}

/** What a run of a job was like; everything has a default: a success that began with the last tick and took a minute. */
export interface RunOptions {
  readonly startedAt?: number;
  readonly tookMs?: number;
  readonly outcome?: string | null;
  readonly counts?: Readonly<Record<string, number>>;
  readonly error?: string;
  /** Of the error. */
  readonly code?: string;
  /** The tick that it is for; none by default. */
  readonly tickAt?: number;
}

/** Writes a run as the jobs do. */
export async function addRun(sql: SqlClient, job: JobName, options: RunOptions = {}): Promise<void> {
  const { outcome = "succeeded", tookMs = 60_000, counts = { done: 10 }, error } = options;
  const { code = "INTERNAL", tickAt = null } = options;
  const startedAt = options.startedAt ?? lastTick(job);
  await sql.query(
    `insert into job_run (id, job, started_by, actor, started_at, seen_at, ended_at, outcome, counts, error,
      tick_at)
    values (gen_random_uuid(), $1::text, 'timer', 'a@b', to_timestamp($2::float8 / 1000),
      to_timestamp($3::float8 / 1000), case when $4::text is null then null else to_timestamp($3::float8 / 1000) end,
      $4::text, $5::text::jsonb, $6::text::jsonb, to_timestamp($7::float8 / 1000))`,
    [
      job,
      startedAt,
      startedAt + tookMs,
      outcome,
      JSON.stringify(counts),
      error === undefined ? null : JSON.stringify({ code, message: error }),
      tickAt,
    ],
  );
}

/** When a healthy timer last began a job; jobs that are switched off ran an hour ago. */
export function lastTick(job: JobName): number {
  const line = JOB_SCHEDULES[job];
  return (line === null ? null : previousTick(line, Date.now())) ?? Date.now() - HOUR;
}
