import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cleanUp, exitOf, type Situation, SITUATIONS } from "./health_situations/mod.ts";
import { migrate } from "@ipcascade/store";
import { openTempDir } from "@ipcascade/testkit";
import { readdir, writeFile } from "node:fs/promises";
import { openPgliteDatabase } from "../packages/platform/pglite_database.ts";
import { type HealthWorld, openHealthWorld, runWith } from "./health_world.ts";

/** Breaks, looks, mends and looks again. */
async function play(world: HealthWorld, situation: Situation): Promise<void> {
  const { check, grade, message, fix, args = [], env = {} } = situation;
  await situation.damage(world);
  const sick = await world.health(args, env);
  const found = sick.checks.get(check)!;
  assertEquals({ grade: found.grade, fix: found.fix }, { grade, fix }, found.message);
  assertMatch(found.message, message);
  if (situation.observed !== undefined) assertEquals(found.observed, situation.observed);
  if (!situation.isRace) assertEquals(sick.code, exitOf(situation), sick.report.failing.join(" "));
  assertEquals(sick.report.failing.includes(check), !["ok", "info"].includes(grade));
  assertEquals(/hunter2/.test(sick.stdout + sick.stderr), false, "no secret is shown");
  await (situation.mend ?? runFix)(world, situation);
  const well = await world.health(args);
  assertEquals([well.code, well.report.grade], [0, "ok"], JSON.stringify(well.report.failing));
}

async function runFix(world: HealthWorld, { fix }: Situation): Promise<void> {
  const [name, ...args] = fix!.split(" ");
  assertEquals(name, "ipcascade");
  const { code, stderr } = await world.run(args);
  assertEquals(code, 0, stderr);
}

Deno.test({
  name: "health names what is broken, its grade and what mends it, and is well again after that",
  // A frozen server keeps its connection until it goes on.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    assert(SITUATIONS.length >= 25);
    await using world = await openHealthWorld();
    const before = await world.health();
    assertEquals([before.code, before.report.grade, before.report.status], [0, "ok", "pass"]);
    for (const situation of SITUATIONS) {
      const isDone = await t.step(situation.name, () => play(world, situation));
      if (isDone) continue;
      // What was not mended would fail everything after it.
      await cleanUp();
      return;
    }
    await t.step("it asks no provider and spends no quota, and a probe costs what it says", async () => {
      const { requests } = world.lab;
      const count = () => [
        requests.greynoiseRequests,
        requests.cymruSessions,
        requests.maxmindMetadata,
        requests.maxmindDownloads,
      ];
      const left = async () => (await world.health()).checks.get("greynoise_quota")!.observed as number;
      const [asked, had] = [count(), await left()];
      for (const format of ["table", "json", "nagios"]) await world.run(["health", "--format", format]);
      assertEquals([count(), await left()], [asked, had]);
      const probe = await world.health(["--probe"]);
      assertMatch(probe.stderr, /one GreyNoise request \(one unit of the quota\).*no download/);
      assertEquals(probe.code, 0, JSON.stringify(probe.report.failing));
      const [greynoise, cymru, metadata, downloads] = asked as [number, number, number, number];
      assertEquals(count(), [greynoise + 1, cymru + 1, metadata + 2, downloads]);
      assertEquals(await left(), had - 1);
    });
    await t.step("the page and the monitoring line say the same", async () => {
      const page = await world.run(["health"]);
      assertMatch(page.stdout, /^ipcascade health: ok, \d{4}-\d\d-\d\d \d\d:\d\d UTC, \d+ ms\n/);
      assert(page.stdout.split("\n").length < 40, page.stdout);
      const line = (await world.run(["health", "--format", "nagios"])).stdout;
      assertMatch(line, /^IPCASCADE OK - all \d+ checks are good \| '\w+'=[^\n]+\n$/);
      assertStringIncludes(line, "'coverage'=100%;95:;90:;0;100");
      assertStringIncludes(line, "'greynoise_quota'=");
      assertMatch(line, /'greynoise_quota'=\d+;2000:;1000:;0;10000/);
      assertMatch(line, /'edition_city'=1;14;;0;/);
    });
  },
});

/** Runs health on the embedded database of a data directory. */
async function checkEmbedded(dataDir: string, args: readonly string[] = []) {
  const env = { IPCASCADE_DATA_DIR: dataDir, HOME: dataDir };
  const { code, stdout } = await runWith(env, ["health", "--format", "json", ...args]);
  return { code, database: JSON.parse(stdout).checks.database[0] };
}

Deno.test("health waits for the embedded database while another process has it open", async () => {
  await using dir = await openTempDir();
  const sql = await openPgliteDatabase(dir.join("data"));
  await migrate(sql);
  const checking = checkEmbedded(dir.join("data"), ["--timeout", "20"]);
  // Long enough for several tries.
  await new Promise((resolve) => setTimeout(resolve, 700));
  await sql.close();
  const { database } = await checking;
  assertMatch(database.message, /^the embedded database answers in/);
  assertEquals([database.grade, database.observedUnit], ["ok", "ms"]);
});

Deno.test("health says that an embedded database can't be made, and makes none itself", async () => {
  await using dir = await openTempDir();
  const { database: fine } = await checkEmbedded(dir.join("new", "data"));
  assertEquals(fine.grade, "info");
  assertEquals(await readdir(dir.path), []);
  await writeFile(dir.join("data"), "");
  for (const path of [dir.join("data"), dir.join("data", "below")]) {
    const { code, database } = await checkEmbedded(path);
    assertEquals([code, database.grade, database.fix], [2, "critical", "docs/health.md#the-database"]);
    const state = `nothing can be made in "${path}": it is not a directory`;
    assertEquals(database.message, `the embedded database can't be written: ${state}`);
  }
});

Deno.test("health ends with 3 when its report can't be written", async () => {
  await using dir = await openTempDir();
  const env = { IPCASCADE_DATA_DIR: dir.join("data"), HOME: dir.path };
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  for (const args of [[], ["--format", "nagios"], ["--alert"]]) {
    const { code, stderr } = await runWith(env, ["health", ...args], full);
    assertEquals(code, 3, stderr);
    assertStringIncludes(stderr, "Cannot write the output: no space left on device");
  }
});

Deno.test("health refuses what it does not understand with status 2", async () => {
  await using dir = await openTempDir();
  const env = { IPCASCADE_DATA_DIR: dir.join("data") };
  for (
    const [args, message] of [
      [["--format", "xml"], 'Cannot read --format "xml": allowed are table, json, nagios'],
      [["--timeout", "0"], 'Cannot read --timeout "0": allowed are whole numbers from 1 to 300'],
    ] as const
  ) {
    const { code, stdout, stderr } = await runWith(env, ["health", ...args]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, message);
  }
});
