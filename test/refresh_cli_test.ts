import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { RefreshReport } from "@ipcascade/operations";
import { connectServer } from "../packages/store/testing/databases.ts";
import { DENO_RUN, openPostgresServer } from "@ipcascade/testkit";
import { CLI_MAIN, openCliWorld } from "./run_cli.ts";
import { seedRows } from "./inventory_rows.ts";

const INPUTS = ["8.8.8.8", "1.1.1.1", "198.20.69.74", "23.0.0.1", "23.0.0.2", "2001:4860:4860::8888"];

Deno.test("refresh on the embedded database: nothing due, forced, and JSON that says what was done", async () => {
  await using world = await openCliWorld();
  assertEquals((await world.run(["enrich", ...INPUTS, "--quiet"])).code, 0);
  world.lab.requests.reset();
  const idle = await world.run(["refresh", "--format", "json"]);
  assertEquals(idle.code, 0, idle.stderr);
  const report = JSON.parse(idle.stdout) as RefreshReport;
  assertEquals(Object.keys(report.sources), ["maxmind", "cymru", "greynoise"]);
  for (const source of Object.values(report.sources)) {
    assertEquals([source.attempted, source.skipped, source.failed, source.remaining], [0, 0, 0, 0]);
  }
  assertEquals([world.lab.requests.greynoiseRequests, world.lab.requests.cymruSessions], [0, 0]);

  const forced = await world.run([
    "refresh",
    "--source",
    "greynoise",
    "--force",
    "--ip",
    "8.8.8.8,23.0.0.0/30",
  ]);
  assertEquals(forced.code, 0, forced.stderr);
  assertStringIncludes(forced.stderr, "GreyNoise: 3 refreshed (total: 3)\n");
  assertMatch(forced.stdout, /^GreyNoise +3 +\d +\d +0 +0 +0 /m);
  assertEquals(world.lab.requests.greynoiseRequests, 3);
});

Deno.test("refresh fails partly where a source fails, and tells what waits", async () => {
  await using world = await openCliWorld({ editions: false });
  assertEquals((await world.run(["enrich", "23.0.0.1", "23.0.0.2", "--quiet"])).code, 0);
  world.lab.setFault("greynoise", { kind: "status", status: 500, addresses: ["23.0.0.1"] });
  const run = await world.run(["refresh", "--force", "--source", "greynoise", "--format", "json"]);
  assertEquals(run.code, 3);
  const source = (JSON.parse(run.stdout) as RefreshReport).sources.greynoise!;
  assertEquals([source.attempted, source.failed, source.failed_for], [2, 1, { server_error: 1 }]);
  const backfill = await world.run(["backfill", "--limit", "5", "--quiet"]);
  assertEquals([backfill.code, backfill.stderr], [0, ""]);
});

Deno.test("refresh, backfill and reconcile refuse what they can't read", async () => {
  await using world = await openCliWorld({ editions: false });
  const cases: readonly (readonly [args: readonly string[], text: string])[] = [
    [
      ["refresh", "--source", "whois"],
      'Cannot read --source "whois": allowed are maxmind, cymru, greynoise, all',
    ],
    [["refresh", "--limit", "0"], 'Cannot read --limit "0"'],
    [["refresh", "--ip", "8.8.8"], 'Cannot read --ip "8.8.8": allowed are addresses and CIDR blocks'],
    [["refresh", "--ip", "8.8.8.1-8.8.8.3"], "allowed are addresses and CIDR blocks"],
    [["refresh", "--country", "Germany"], 'Cannot read --country "Germany"'],
    [["refresh", "--asn", "ASX"], 'Cannot read --asn "ASX"'],
    [["refresh", "--active-days", "0"], "--active-days"],
    [["backfill", "--batch-size", "20000"], 'Cannot read --batch-size "20000"'],
    [["reconcile", "--format", "csv"], 'Cannot read --format "csv"'],
  ];
  for (const [args, text] of cases) {
    const run = await world.run(args);
    assertEquals([run.code, run.stdout], [2, ""], args.join(" "));
    assertStringIncludes(run.stderr, text);
  }
});

Deno.test("refresh that is told to stop ends with 143 after the part in hand, and the next run does the rest", async () => {
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  await using world = await openCliWorld({ editions: false });
  const env = { DATABASE_URL: url };
  assertEquals((await world.run(["reconcile"], { env })).code, 0);
  const sql = connectServer(url, 1);
  try {
    await seedRows(sql, 60, { now: Date.now() });
    const child = new Deno.Command(Deno.execPath(), {
      args: [...DENO_RUN, CLI_MAIN, "refresh", "--source", "greynoise", "--batch-size", "20"],
      env: { ...world.env, ...env },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const ending = child.output();
    while (world.lab.requests.greynoiseRequests < 5) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill("SIGTERM");
    const { code, stdout, stderr } = await ending;
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals(code, 143, text(stderr));
    assertStringIncludes(text(stdout), "stopped early; the next run goes on from here");
    const asked = world.lab.requests.greynoiseRequests;
    assert(asked < 60, `${asked} requests before the stop`);
    const rest = await world.run(["refresh", "--source", "greynoise", "--format", "json"], { env });
    const report = (JSON.parse(rest.stdout) as RefreshReport).sources.greynoise!;
    assertEquals([report.attempted, world.lab.requests.greynoiseRequests], [60 - asked, 60]);
  } finally {
    await sql.close();
  }
});

Deno.test("reconcile warns where the counters were far off, and puts them right", async () => {
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  await using world = await openCliWorld({ editions: false });
  const env = { DATABASE_URL: url };
  const empty = await world.run(["reconcile"], { env });
  assertEquals([empty.code, empty.stdout.includes("every counter is right")], [0, true]);
  const sql = connectServer(url, 1);
  await seedRows(sql, 100, { now: Date.now() });
  await sql.query("update asn_inventory set ip_count = ip_count + 4 where asn_number in (64500, 64501)");
  await sql.close();
  const dry = await world.run(["reconcile", "--dry-run"], { env });
  assertStringIncludes(dry.stdout, "2 counters were wrong by 8 addresses (8.0 %), left as they are");
  assertStringIncludes(dry.stdout, "Warning: more than 5 %");
  const run = await world.run(["reconcile", "--format", "json"], { env });
  const report = JSON.parse(run.stdout);
  assertEquals([report.wrong, report.drift, report.drifted, report.corrected], [2, 8, true, true]);
  assertStringIncludes((await world.run(["reconcile"], { env })).stdout, "every counter is right");
});
