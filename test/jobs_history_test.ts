import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openPostgresServer } from "@ipcascade/testkit";
import { openHookServer } from "@ipcascade/testkit/lab";
import { type CliWorld, openCliWorld } from "./run_cli.ts";

/** The runs of `jobs history`, oldest first. */
async function history(world: CliWorld, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await world.run(["jobs", "history", "--format", "json"], { env });
  assertEquals(code, 0, stderr);
  return (JSON.parse(stdout).runs as { job: string; state: string; counts: Record<string, number> }[])
    .reverse();
}

Deno.test("jobs history: what ran on the embedded database, and what failed", async () => {
  await using world = await openCliWorld({ editions: false });
  const none = await world.run(["jobs", "history"]);
  assertEquals([none.code, none.stdout], [0, "No run of any job is recorded yet\n"]);
  assertEquals((await world.run(["editions", "update"])).code, 0);
  assertEquals((await world.run(["editions", "update", "--dry-run"])).code, 0);
  assertEquals((await world.run(["refresh", "--ip", "8.8.8.8"])).code, 0);
  assertEquals((await world.run(["refresh"])).code, 0);
  const broken = await world.run(["editions", "update", "--force"], {
    env: { EDITION_MIRROR_URL: world.dir.join("gone"), EDITION_PROVIDER: "mirror" },
  });
  assert(broken.code !== 0, broken.stdout);
  const runs = await history(world);
  assertEquals(runs.map(({ job, state }) => [job, state]), [
    ["update-editions", "succeeded"],
    ["refresh-stale", "succeeded"],
    ["update-editions", "failed"],
  ]);
  assertEquals([runs[0]!.counts, runs[1]!.counts.attempted], [{ installed: 2 }, 0]);
  const text = await world.run(["jobs", "history", "--job", "update-editions", "--limit", "1"]);
  assertMatch(
    text.stdout,
    /^STARTED +JOB +STATE +TOOK +TICK +BY +WHAT\n20\S+Z +update-editions +failed .*\n$/,
  );
  const bad = await world.run(["jobs", "history", "--job", "nonsense"]);
  assertEquals(bad.code, 2);
  assertStringIncludes(bad.stderr, '"nonsense"');
});

Deno.test("jobs history: on a server, and for runs while the server was away", async () => {
  await using server = await openPostgresServer();
  await using world = await openCliWorld({ editions: false });
  const env = { DATABASE_URL: await server.createDatabase() };
  assertEquals((await world.run(["backfill"], { env })).code, 0);
  const nobody = new URL(env.DATABASE_URL);
  nobody.username = "nobody";
  const update = (url: string) => world.run(["editions", "update"], { env: { DATABASE_URL: url } });
  assertEquals((await update(nobody.href)).code, 0);
  // The server of another port is another one: its runs are not brought in here.
  assertEquals((await update("postgres://nobody@127.0.0.1:1/none")).code, 0);
  // Health brings in what it would take for a job that never ran.
  const health = await world.run(["health", "--format", "json"], { env });
  assertEquals(JSON.parse(health.stdout).checks.job_update_editions[0].observedValue, "succeeded");
  const runs = await history(world, env);
  assertEquals(runs.map(({ job, state }) => [job, state]), [
    ["backfill-asn", "succeeded"],
    ["update-editions", "succeeded"],
  ]);
  const left: number[] = [];
  for await (const { name } of Deno.readDir(world.dir.join("data", "runs"))) {
    left.push((await Array.fromAsync(Deno.readDir(world.dir.join("data", "runs", name)))).length);
  }
  assertEquals(left.sort(), [0, 1]);
});

Deno.test("every job pings its start, and its end with its exit status and what it said", async () => {
  await using world = await openCliWorld({ editions: false });
  await using hook = await openHookServer();
  const env = { HC_PING_URL: `${hook.url}/pingkey/{job}` };
  const update = await world.run(["editions", "update"], { env });
  assertEquals(update.code, 0, update.stderr);
  const gone = { ...env, EDITION_PROVIDER: "mirror", EDITION_MIRROR_URL: world.dir.join("gone") };
  const failed = await world.run(["editions", "update", "--force"], { env: gone });
  const [start, end, again, failure] = hook.requests;
  const ridOf = (path: string) => /\?rid=([0-9a-f-]{36})$/.exec(path)?.[1];
  assertEquals(hook.requests.map(({ path }) => path.replace(/\?.*/, "")), [
    "/pingkey/update-editions/start",
    "/pingkey/update-editions/0",
    "/pingkey/update-editions/start",
    `/pingkey/update-editions/${failed.code}`,
  ]);
  assertEquals(ridOf(start!.path), ridOf(end!.path));
  assert(ridOf(start!.path) !== ridOf(again!.path) && ridOf(again!.path) === ridOf(failure!.path));
  assertStringIncludes(end!.body, "installed");
  assertStringIncludes(failure!.body, "Cannot find a release");
  assert(!(update.stderr + failed.stderr).includes("pingkey"));
  const refused = await world.run(["editions", "update"], {
    env: { HC_PING_URL: "http://127.0.0.1:1/secretkey" },
  });
  assertEquals(refused.code, 0, refused.stderr);
  assertStringIncludes(refused.stderr, "Ping is not taken");
  assert(!refused.stderr.includes("secretkey"));
});
