import { assertEquals, assertMatch } from "@std/assert";
import type { RestoreReport } from "@ipcascade/operations";
import type { SqlClient } from "@ipcascade/store";
import { openPostgresServer } from "@ipcascade/testkit";
import { connectServer } from "../packages/store/testing/databases.ts";
import { addressesIn, makeBackup } from "./backup_world.ts";
import { type CliWorld, openCliWorld, spawnCli } from "./run_cli.ts";

const OLD = ["1.1.1.1", "8.8.8.8"];
const NEW = [...OLD, "9.9.9.9"];

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Moment {
  readonly signal: Deno.Signal;
  /** Gives a row when it has come. */
  readonly seen: string;
}

/** Restores in a process of its own, which gets a signal at a moment. */
async function restoreWithSignal(
  sql: SqlClient,
  world: CliWorld,
  { signal, seen, ...env }: Moment & { readonly DATABASE_URL: string },
): Promise<Ended> {
  const child = spawnCli(["restore", "latest", "--yes", "--format", "json"], { ...world.env, ...env });
  let hasEnded = false;
  const ending = child.output().finally(() => hasEnded = true);
  while (!hasEnded) {
    if ((await sql.query(seen)).length === 0) continue;
    child.kill(signal);
    break;
  }
  const { code, stdout, stderr } = await ending;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const WAITING =
  "select 1::int from pg_stat_activity where query ilike 'do $$%lock table%' and pid <> pg_backend_pid()";
const ASLEEP = "select 1::int from pg_stat_activity where wait_event = 'PgSleep' and query ilike";

/** A restore ends the run that the backup holds without an end, which takes a second from here on. */
async function slowDown(sql: SqlClient, when: "at once" | "at commit"): Promise<void> {
  await sql.query("drop trigger if exists slow on job_run");
  const deferred = when === "at commit" ? "deferrable initially deferred" : "";
  await sql.query(
    `create constraint trigger slow after update on job_run ${deferred} for each row
    when (old.ended_at is null) execute function take_a_second()`,
  );
}

Deno.test("restore: whenever a signal comes, rows, words and exit status agree", async (t) => {
  await using server = await openPostgresServer();
  await using world = await openCliWorld();
  const env = { DATABASE_URL: await server.createDatabase() };
  assertEquals((await world.run(["enrich", ...OLD, "--quiet"], { env })).code, 0);
  const sql = connectServer(env.DATABASE_URL, 2);
  try {
    await sql.query(
      `insert into job_run (id, job, started_by, actor, started_at, seen_at)
      values (gen_random_uuid(), 'refresh-stale', 'timer', 'somebody', now() - interval '1 hour', now() - interval '1 hour')`,
    );
    await makeBackup(world, ["--no-editions"], env);
    await sql.query("insert into ip_inventory (ip_address) values ('9.9.9.9')");
    await sql.query(`create function take_a_second() returns trigger language plpgsql as
      $$begin perform pg_sleep(1); return null; end$$`);

    await t.step("before it begins: undone", async () => {
      await sql.transaction(async (tx) => {
        await tx.query("select 1::int from ip_inventory limit 1");
        const { code, stdout, stderr } = await restoreWithSignal(sql, world, {
          ...env,
          signal: "SIGINT",
          seen: WAITING,
        });
        assertEquals([code, JSON.parse(stdout).status], [130, "stopped"], stderr);
        assertMatch(stderr, /^SIGINT: stopping; whether .*\n(Waiting .*\n)*Nothing was changed$/m);
      });
      assertEquals(await addressesIn(sql), NEW);
    });
    await t.step("when every row is written, but not committed: undone", async () => {
      await slowDown(sql, "at once");
      const { code, stdout, stderr } = await restoreWithSignal(sql, world, {
        ...env,
        signal: "SIGTERM",
        seen: `${ASLEEP} '%update job_run%'`,
      });
      assertEquals([code, JSON.parse(stdout).status], [143, "stopped"], stderr);
      assertMatch(stderr, /^Nothing was changed$/m);
      assertEquals(await addressesIn(sql), NEW);
    });
    await t.step("while it commits: restored, and done", async () => {
      await slowDown(sql, "at commit");
      const { code, stdout, stderr } = await restoreWithSignal(sql, world, {
        ...env,
        signal: "SIGTERM",
        seen: `${ASLEEP} 'commit%'`,
      });
      const report: RestoreReport = JSON.parse(stdout);
      assertEquals([code, report.status], [0, "done"], stderr);
      assertMatch(stderr, /^The signal came too late: the backup is restored$/m);
      assertEquals(/as it was|Nothing was changed/.test(stderr.replace(/^SIGTERM: .*$/m, "")), false);
      assertEquals(await addressesIn(sql), OLD);
    });
  } finally {
    await sql.close();
  }
});
