import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { openPostgresServer } from "@ipcascade/testkit";
import postgres from "postgres";
import { type CliWorld, openCliWorld, spawnCli } from "./run_cli.ts";

/** The server's processes that serve commands. */
async function listProcesses(
  sql: postgres.Sql,
): Promise<{ readonly pid: number; readonly isWaiting: boolean }[]> {
  return await sql`select pid, wait_event_type = 'Lock' as "isWaiting" from pg_stat_activity
    where application_name = 'ipcascade'`;
}

/** Waits until a command's statement waits for the table; gives the server's processes that do. */
async function waitForWaiting(sql: postgres.Sql): Promise<number[]> {
  for (;;) {
    const waiting = (await listProcesses(sql)).filter(({ isWaiting }) => isWaiting);
    if (waiting.length > 0) return waiting.map(({ pid }) => pid);
    await pause();
  }
}

/** Waits until the server has done with the commands before. */
async function waitForNobody(sql: postgres.Sql): Promise<void> {
  while ((await listProcesses(sql)).length > 0) await pause();
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}

/** Runs the command while the table it needs is locked, does something to it once it waits, and tells how it ends. */
async function runWhileLocked(
  world: CliWorld,
  sql: postgres.Sql,
  { args, table, env }: {
    readonly args: readonly string[];
    readonly table: string;
    readonly env: Record<string, string>;
  },
  act: (child: Deno.ChildProcess, waiting: readonly number[]) => void,
) {
  await waitForNobody(sql);
  return await sql.begin(async (tx) => {
    await tx.unsafe(`lock table ${table} in access exclusive mode`);
    const child = spawnCli([...args, "--format", "json"], { ...world.env, ...env });
    const output = child.output();
    const waiting = await waitForWaiting(sql);
    const startedAt = performance.now();
    act(child, waiting);
    const { code, stdout, stderr } = await output;
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return {
      code,
      report: text(stdout) === "" ? null : JSON.parse(text(stdout)),
      stderr: text(stderr),
      ms: performance.now() - startedAt,
      waiting,
    };
  });
}

Deno.test("report: a database that hangs keeps it no longer than told, and the first signal ends it", async (t) => {
  await using world = await openCliWorld({ editions: false });
  await using server = await openPostgresServer();
  const env = { DATABASE_URL: await server.createDatabase() };
  const sql = postgres(env.DATABASE_URL, { max: 2, onnotice: () => {} });
  try {
    assertEquals((await world.run(["report", "snapshot"], { env })).code, 0);

    await t.step("a signal while it waits for a lock", async () => {
      const cases = [[["report", "snapshot"], "coverage_snapshot"], [["report"], "ip_inventory"]] as const;
      for (const [args, table] of cases) {
        const ended = await runWhileLocked(world, sql, { args, table, env }, (child) => child.kill("SIGINT"));
        assertEquals([ended.code, ended.report?.status], [130, "stopped"], ended.stderr);
        assert(ended.ms < 8_000, `${ended.ms} ms`);
      }
    });

    await t.step("server processes that are frozen in the middle of a statement", async () => {
      const args = ["report", "snapshot", "--timeout", "4"];
      const order = { args, table: "ip_inventory", env };
      const frozen: number[] = [];
      try {
        const ended = await runWhileLocked(world, sql, order, (_child, waiting) => {
          frozen.push(...waiting);
          for (const pid of waiting) Deno.kill(pid, "SIGSTOP");
        });
        assertEquals([ended.code, ended.report?.status], [1, "failed"], ended.stderr);
        assertStringIncludes(ended.report.error.message, "the database gives no answer within 4 s");
        assert(ended.ms < 12_000, `${ended.ms} ms`);
      } finally {
        for (const pid of frozen) Deno.kill(pid, "SIGCONT");
      }
    });

    await t.step("a report does not count itself among the jobs", async () => {
      const report = await world.run(["report", "--format", "json"], { env });
      const jobs: { job: string; runs: number; unfinished: number }[] = JSON.parse(report.stdout).jobs;
      assertEquals(jobs.map(({ job, runs, unfinished }) => [job, runs, unfinished]), [
        ["snapshot-coverage", 3, 0],
        ["report-coverage", 1, 0],
      ]);
    });

    await t.step("the record says how they ended", async () => {
      const history = await world.run(["jobs", "history", "--format", "json"], { env });
      const runs: { state: string; error: { code: string } | null }[] = JSON.parse(history.stdout).runs;
      assertEquals(runs.map(({ state, error }) => [state, error?.code ?? null]), [
        ["succeeded", null],
        ["failed", "STORE_FAILED"],
        ["stopped", null],
        ["stopped", null],
        ["succeeded", null],
      ]);
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
});
