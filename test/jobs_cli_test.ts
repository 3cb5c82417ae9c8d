import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { JOB_NAMES, JOB_SCHEDULES, type JobRun } from "@ipcascade/core";
import { createSqlJobRuns, migrate } from "@ipcascade/store";
import { openPostgresServer, type PostgresServer } from "@ipcascade/testkit";
import { openPgliteDatabase, openPostgresDatabase } from "@ipcascade/platform";
import { type CliWorld, openCliWorld, spawnCli } from "./run_cli.ts";

interface Listed {
  readonly name: string;
  readonly schedule: string | null;
  readonly last_run: { readonly state: string } | null;
}

async function list(world: CliWorld): Promise<readonly Listed[]> {
  const { code, stdout, stderr } = await world.run(["jobs", "--format", "json"]);
  assertEquals(code, 0, stderr);
  const { operation, jobs } = JSON.parse(stdout);
  assertEquals(operation, "list-jobs");
  return jobs;
}

Deno.test("jobs on the embedded database: the catalogue, what is next, and runs in the foreground", async () => {
  await using world = await openCliWorld({ editions: false });
  const next = await world.run(["jobs", "next", "--limit", "3", "--format", "json"], {
    // It asks nobody.
    env: { DATABASE_URL: "postgres://op@127.0.0.1:1/none" },
  });
  assertEquals([next.code, JSON.parse(next.stdout).ticks.length], [0, 3], next.stderr);

  const page = await world.run(["jobs"]);
  assertMatch(page.stdout, /\n\nScheduler \(\w+\): no scheduler has ever been at work[^\n]*\n$/, page.stderr);
  const before = await list(world);
  assertEquals(before.map(({ name, schedule }) => [name, schedule]), Object.entries(JOB_SCHEDULES));
  const [update, mended] = [
    await world.run(["jobs", "run", "update-editions"]),
    await world.run(["jobs", "run", "snapshot-coverage", "--format", "json"]),
  ];
  assertEquals(update.code, 0, update.stderr);
  assertMatch(update.stdout, /^Editions updated in [\s\S]*GeoLite2-ASN +installed/);
  assertEquals([mended.code, JSON.parse(mended.stdout).operation], [0, "snapshot-coverage"]);
  world.lab.setFault("maxmind", { kind: "status", status: 401 });
  const refused = await world.run(["jobs", "run", "update-editions"], {
    env: { GEOIPUPDATE_LICENSE_KEY: "another" },
  });
  assertEquals(refused.code, 6, refused.stdout + refused.stderr);
  const runs = new Map((await list(world)).map(({ name, last_run: run }) => [name, run?.state]));
  assertEquals([runs.get("update-editions"), runs.get("snapshot-coverage")], ["failed", "succeeded"]);

  const sql = await openPgliteDatabase(world.dir.join("data"));
  try {
    const held = await world.run(["jobs", "run", "prune"]);
    assertEquals(held.code, 5, held.stderr);
    assertStringIncludes(held.stderr, "POST /v1/jobs/prune/runs");
  } finally {
    await sql.close();
  }
});

Deno.test("jobs says what it can't run, and what it can", async () => {
  await using world = await openCliWorld({ editions: false });
  const cases: readonly [args: string[], said: string][] = [
    [["run", "nonsense"], `"nonsense": allowed are ${JOB_NAMES.join(", ")}`],
    [["run"], "without its name"],
    [["run", "prune", "back-up"], '"back-up" as well'],
    [["run", "prune", "--wait", "soon"], 'Cannot read --wait "soon"'],
    [["run", "prune", "--limit", "3"], "Cannot use --limit with jobs run"],
    [["run", "--wait", "prune"], "the job's name comes first, as in jobs run prune --wait"],
    [["next", "--job", "nonsense"], 'Cannot read --job "nonsense"'],
    [["next", "--wait"], "Cannot use --wait with jobs next"],
    [["list", "prune"], "it takes no argument"],
  ];
  await Promise.all(cases.map(async ([args, said]) => {
    const { code, stderr } = await world.run(["jobs", ...args]);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, said);
  }));
});

interface ServerWorld extends AsyncDisposable {
  readonly world: CliWorld;
  readonly env: Record<string, string>;
  readonly runs: ReturnType<typeof createSqlJobRuns>;
}

async function openServerWorld(server: PostgresServer): Promise<ServerWorld> {
  const url = await server.createDatabase();
  const [world, sql] = [
    await openCliWorld({ editions: false }),
    await openPostgresDatabase(url, { poolSize: 1 }),
  ];
  await migrate(sql);
  return {
    world,
    env: { DATABASE_URL: url },
    runs: createSqlJobRuns(sql),
    [Symbol.asyncDispose]: async () => {
      await sql.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

/** A run elsewhere, under way for the lease that it took. */
async function beginElsewhere(runs: ServerWorld["runs"], job: JobRun["job"]): Promise<JobRun> {
  const startedAt = Date.now();
  const start = { id: crypto.randomUUID(), job, trigger: "timer", actor: "op@elsewhere", startedAt } as const;
  const { state, run } = await runs.begin(start);
  assertEquals(state, "begun");
  return run;
}

const WELL = { counts: { rows: 1 }, error: null, message: "well" } as const;

async function keepOut({ world, env, runs }: ServerWorld): Promise<void> {
  const other = await beginElsewhere(runs, "refresh-stale");
  const refused = await Promise.all(
    [["jobs", "run", "refresh-stale"], ["jobs", "run", "prune"], ["refresh"], ["backup", "create"]]
      .map((args) => world.run([...args, "--format", "json"], { env })),
  );
  for (const { code, stdout, stderr } of refused) {
    assertEquals([code, JSON.parse(stdout || "{}").error?.code ?? "JOB_RUNNING"], [5, "JOB_RUNNING"], stderr);
    for (const word of [other.id, "op@elsewhere", "is under way since 20"]) {
      assertStringIncludes(stderr, word);
    }
  }
  assertStringIncludes(refused[0]!.stderr, "; --wait waits for it");
  // Work that is shared, or that tells people, is done.
  const shared = await Promise.all([
    world.run(["refresh", "--share"], { env }),
    world.run(["quota", "--alert"], { env }),
    world.run(["jobs", "run", "snapshot-coverage"], { env }),
    world.run(["jobs", "run", "prune", "--wait", "1s"], { env }),
  ]);
  assertEquals(shared.map(({ code }) => code), [0, 0, 0, 5], JSON.stringify(shared));

  // Who waits for the same job shows that run; who waits for another one then runs.
  const watching = spawnCli(["jobs", "run", "refresh-stale", "--wait", "1m", "--format", "json"], {
    ...world.env,
    ...env,
  });
  const waiting = spawnCli(["jobs", "run", "prune", "--wait", "1m", "--quiet"], { ...world.env, ...env });
  const told = watching.stderr.getReader();
  const waits = `Waits up to 1 min for the run "${other.id}" of refresh-stale (op@elsewhere, since 20`;
  assertStringIncludes(new TextDecoder().decode((await told.read()).value), waits);
  told.releaseLock();
  await runs.end(other.id, { ...WELL, outcome: "partly_failed", endedAt: Date.now() });
  const [watched, ran] = await Promise.all([watching.output(), waiting.output()]);
  const { operation, run } = JSON.parse(new TextDecoder().decode(watched.stdout));
  assertEquals([watched.code, operation, run.id, run.state], [3, "watch-job-run", other.id, "partly_failed"]);
  assertEquals(ran.code, 0, new TextDecoder().decode(ran.stderr));
  const mine = await runs.list({ limit: 10 });
  assertEquals(
    mine.map(({ job, outcome }) => `${job} ${outcome}`).sort(),
    [
      "check-quota succeeded",
      "prune succeeded",
      "refresh-stale partly_failed",
      "refresh-stale succeeded",
      "snapshot-coverage succeeded",
    ],
  );
}

async function stopRun({ world, env, runs }: ServerWorld): Promise<void> {
  const addresses = Array.from({ length: 60 }, (_, index) => `23.0.0.${index + 1}`);
  const seeded = await world.run(["enrich", ...addresses, "--sources", "cymru"], { env });
  assert(seeded.code === 0, seeded.stderr);
  const child = spawnCli(["jobs", "run", "refresh-stale", "--format", "json"], { ...world.env, ...env });
  while (world.lab.requests.greynoiseRequests === 0) await new Promise((done) => setTimeout(done, 20));
  child.kill("SIGTERM");
  const { code, stderr } = await child.output();
  assertEquals(code, 143, new TextDecoder().decode(stderr));
  const [run] = await runs.list({ job: "refresh-stale", limit: 1 });
  assertEquals([run!.outcome, run!.trigger], ["stopped", "command"]);
  assert(world.lab.requests.greynoiseRequests < addresses.length, "it was not stopped");
}

Deno.test("jobs run and the jobs' commands on a server: leases, and a run that is stopped", async (t) => {
  await using server = await openPostgresServer();
  await using one = await openServerWorld(server);
  await using two = await openServerWorld(server);
  await t.step("they keep out of the way of what runs", () => keepOut(one));
  await t.step(
    "the batch in hand is finished at a signal, and the run is recorded as stopped",
    () => stopRun(two),
  );
});
