import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openPostgresServer } from "@ipcascade/testkit";
import postgres from "postgres";
import { type CliWorld, openCliWorld, spawnCli } from "./run_cli.ts";

const GREYNOISE = ["--sources", "greynoise", "--format", "ndjson"];

/** Runs `quota` with JSON. */
async function quota(world: CliWorld, args: readonly string[] = [], env: Record<string, string> = {}) {
  const result = await world.run(["quota", ...args, "--format", "json"], { env });
  return { ...result, report: result.stdout === "" ? null : JSON.parse(result.stdout) };
}

function strangers(count: number, net: number): string[] {
  return Array.from({ length: count }, (_, index) => `23.0.${net}.${index + 1}`);
}

Deno.test("quota: what enrich used, a 429, a reset and a limit of one's own, on the embedded database", async () => {
  await using world = await openCliWorld({ editions: false });
  const env = { GREYNOISE_QUOTA: "10/month", GREYNOISE_REFRESH_SHARE: "0.5" };
  const fresh = await quota(world, [], env);
  assertEquals([fresh.code, fresh.report.grade, fresh.report.limit, fresh.report.origin], [
    0,
    "ok",
    10,
    "setting",
  ]);
  assertEquals([fresh.report.refresh_share, fresh.report.refresh_limit], [0.5, 5]);

  await world.run(["enrich", ...strangers(9, 1), ...GREYNOISE], { env });
  const used = await quota(world, ["status"], env);
  assertEquals(
    [used.code, used.report.grade, used.report.used],
    [0, "warning", 9],
    "warnings are no failure",
  );

  world.lab.setFault("greynoise", {
    kind: "status",
    status: 429,
    body: '{"plan":"Community","rate_limit":"25-W"}',
  });
  await world.run(["enrich", ...strangers(1, 2), ...GREYNOISE], { env });
  world.lab.clearFaults();
  const closed = await quota(world, [], env);
  assertEquals([closed.code, closed.report.grade, closed.report.limit, closed.report.period], [
    0,
    "critical",
    25,
    "week",
  ]);
  assertEquals([closed.report.origin, closed.report.closed_until], ["provider", closed.report.resets_at]);

  const set = await quota(world, ["set", "30/month", "--used", "5"], env);
  assertEquals([set.code, set.report.status, set.report.after.used], [0, "done", 5]);
  assertEquals(set.report.after.closed_until, closed.report.closed_until, "a limit lifts no closing");
  const reset = await quota(world, ["reset", "--reason", "the plan was renewed"], env);
  assertEquals([reset.code, reset.report.after.used, reset.report.after.closed_until], [0, 0, null]);
  assertMatch(reset.report.actor, /^.+@.+$/);
  const sent = world.lab.requests.greynoiseRequests;
  await world.run(["enrich", ...strangers(40, 3), ...GREYNOISE], { env });
  assertEquals(world.lab.requests.greynoiseRequests - sent, 30, "the operator's limit is what is granted");

  const history = await quota(world, ["history"], env);
  assertEquals(
    history.report.changes.map(({ action, reason }: { action: string; reason: string | null }) => [
      action,
      reason,
    ]),
    [["reset", "the plan was renewed"], ["set", null], ["closed", "HTTP 429"]],
  );
  assertEquals((await quota(world, ["history", "--limit", "1"], env)).report.changes.length, 1);

  const page = await world.run(["quota"], { env });
  assertEquals(page.code, 0);
  assertMatch(page.stdout, /^GreyNoise quota: critical; 0 of 30 left \(0 %\), resets in \d+ h \d+ min\n/);
  assertStringIncludes(page.stdout, "30/month, set by an operator at 20");
  assertMatch(
    (await world.run(["quota", "history"], { env })).stdout,
    /reset {2,}\S+@\S+ +30\/month +5 -> 0/,
  );
});

Deno.test("quota: works on a server while enrich runs there, and a reset reaches it", async () => {
  await using world = await openCliWorld({ editions: false });
  await using server = await openPostgresServer();
  const env = { DATABASE_URL: await server.createDatabase(), GREYNOISE_QUOTA: "20/month" };
  world.lab.setFault("greynoise", { kind: "delay", ms: 100 });
  const inputs = strangers(30, 1);
  const child = spawnCli(["enrich", ...inputs, ...GREYNOISE], { ...world.env, ...env });
  const finishing = child.output();
  while (world.lab.requests.greynoiseRequests < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  const during = await quota(world, [], env);
  assertEquals(during.code, 0);
  assert(during.report.used >= 3, `${during.report.used} are used`);
  assertEquals((await finishing).code, 0);
  assertEquals(world.lab.requests.greynoiseRequests, 20);
  assertEquals((await quota(world, [], env)).report.remaining, 0);
  assertEquals((await quota(world, ["reset", "--reason", "again"], env)).report.before.used, 20);
  await world.run(["enrich", ...inputs, ...GREYNOISE], { env });
  assertEquals(world.lab.requests.greynoiseRequests, 30);
  assertEquals((await quota(world, [], env)).report.used, 10);
});

Deno.test("traps 4 and 32: quota that can't be read is unknown, with a status that says so", async () => {
  await using world = await openCliWorld({ editions: false });
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  assertEquals((await quota(world, [], { DATABASE_URL: url })).code, 0);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql`alter table quota_ledger rename to quota_ledger_gone`;
  await sql.end();
  const away = `postgres://op:hunter2@127.0.0.1:${server.port}/nowhere`;
  for (const DATABASE_URL of [url, away]) {
    const status = await quota(world, [], { DATABASE_URL });
    assertEquals([status.code, status.report.grade, status.report.remaining], [1, "unknown", null]);
    assert(status.stderr.includes(status.report.error.message), status.stderr);
    assertEquals((status.stdout + status.stderr).includes("hunter2"), false);
    const page = await world.run(["quota"], { env: { DATABASE_URL } });
    assertEquals(page.code, 1);
    assertStringIncludes(page.stdout, "GreyNoise quota: unknown");
    const reset = await quota(world, ["reset", "--reason", "try"], { DATABASE_URL });
    assertEquals([reset.code, reset.report.operation, reset.report.status, reset.report.error.code], [
      1,
      "reset-quota",
      "failed",
      "STORE_FAILED",
    ]);
  }
});

Deno.test("quota: an embedded database that another process uses is unknown, with status 5", async () => {
  await using world = await openCliWorld({ editions: false });
  world.lab.setFault("greynoise", { kind: "drop" });
  const child = spawnCli(["enrich", "23.0.0.1", ...GREYNOISE], world.env);
  try {
    while (world.lab.requests.greynoiseRequests === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const status = await quota(world);
    assertEquals([status.code, status.report.grade, status.report.error.code], [5, "unknown", "LOCK_HELD"]);
    assertStringIncludes(status.stderr, String(child.pid));
  } finally {
    child.kill("SIGKILL");
    await child.output();
  }
});

Deno.test("quota: usage that makes no sense is refused with status 2 and changes nothing", async () => {
  await using world = await openCliWorld({ editions: false });
  const cases: readonly [args: readonly string[], message: string][] = [
    [["frob"], 'Cannot run quota "frob": allowed are status, set, reset, history'],
    [["status", "10/day"], 'Cannot run quota status "10/day": it takes no argument'],
    [["set"], "Cannot set the quota: give one limit; allowed are N/day, N/week and N/month"],
    [["set", "10/day", "20/day"], "give one limit"],
    [["set", "10/hour"], 'Cannot read the quota "10/hour": allowed are N/day'],
    [["set", "10/day", "--used=-1"], 'Cannot read --used "-1"'],
    [["set", "10/day", "--used", "many"], 'Cannot read --used "many": allowed are whole numbers from 0'],
    [["set", "10/day", "--limit", "5"], "Cannot use --limit with quota set"],
    [["set", "10/day", "--reason", ""], 'Cannot read --reason ""'],
    [["reset"], "Cannot reset the quota without --reason"],
    [["reset", "--reason", " "], 'Cannot read --reason ""'],
    [["--used", "5"], "Cannot use --used with quota status"],
    [["history", "--limit", "0"], "allowed are whole numbers from 1 to 10000"],
    [["--format", "xml"], "allowed are table, json"],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await world.run(["quota", ...args]);
    assertEquals([code, stdout], [2, ""], args.join(" "));
    assertStringIncludes(stderr, message);
  }
  const share = await world.run(["quota"], { env: { GREYNOISE_REFRESH_SHARE: "80%" } });
  assertEquals(share.code, 2);
  assertStringIncludes(share.stderr, 'GREYNOISE_REFRESH_SHARE "80%"');
  assertEquals((await quota(world, ["history"])).report.changes, []);
});
