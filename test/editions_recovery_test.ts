import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { MS_PER_DAY } from "@ipcascade/core";
import {
  EditionExpiredError,
  KeptSetRefusedError,
  listEditions,
  NothingToRollBackError,
  pruneEditions,
  pruneExpired,
  readEditionStatus,
  recoverEditions,
  rollBackEditions,
  verifyEditions,
} from "@ipcascade/operations";
import { migrate, type SqlClient } from "@ipcascade/store";
import { openPostgresServer, writeEditionPair } from "@ipcascade/testkit";
import { openPostgresDatabase } from "../packages/platform/postgres_database.ts";
import { openMemoryPglite, resetDatabase } from "../packages/store/testing/databases.ts";
import { buildOf, type EditionWorld, openEditionWorld } from "./edition_world.ts";

/** The days of the releases that are installed one after the other. */
async function installReleases(world: EditionWorld, days: readonly number[]): Promise<readonly string[]> {
  const sets: string[] = [];
  for (const day of days) {
    world.publish(day);
    const report = await world.update();
    assertEquals(report.status, "installed", JSON.stringify(report));
    sets.push(report.set!);
  }
  return sets;
}

function rollBack(world: EditionWorld, to: string | null = null, isDryRun = false) {
  return rollBackEditions(world.deps, { policy: world.options.policy, to, isDryRun });
}

async function buildsServing(world: EditionWorld): Promise<readonly (number | null)[]> {
  const { items } = await readEditionStatus(world.deps, world.options);
  return items.map(({ build_epoch }) => build_epoch);
}

/** Destroys the bytes of one file of a set, wherever it is kept. */
async function damage(world: EditionWorld, set: string, file = "GeoLite2-City.mmdb"): Promise<void> {
  const path = world.dir.join("data", "editions", "sets", set, file);
  const bytes = await Deno.readFile(path);
  bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 64);
  await Deno.writeFile(path, bytes);
}

type Case = (world: EditionWorld) => Promise<void>;

/** What holds wherever sets are kept. */
const CASES: Readonly<Record<string, Case>> = {
  async "rollBackEditions() goes back after a successful update, and the release is not installed again"(
    world,
  ) {
    const [first, second] = await installReleases(world, [0, 1]);
    const report = await rollBack(world);
    assertEquals([report.status, report.set, report.previous_set], ["rolled_back", first, second]);
    assertEquals(await buildsServing(world), [buildOf(0), buildOf(0)]);
    assertEquals(report.held_releases.map(({ edition_id }) => edition_id), ["GeoLite2-City", "GeoLite2-ASN"]);
    const update = await world.update();
    assertEquals([update.status, update.error, update.set], ["rejected", null, first]);
    assertEquals(update.items.map(({ status, error }) => `${status} ${error?.code}`), [
      "rejected ROLLED_BACK",
      "rejected ROLLED_BACK",
    ]);
    world.publish(2);
    assertEquals((await world.update()).status, "installed");
    assertEquals(await buildsServing(world), [buildOf(2), buildOf(2)]);
  },
  async "rollBackEditions() goes to a set by its name, forwards as well, and says what it would do"(world) {
    const [first, second, third] = await installReleases(world, [0, 1, 2]);
    assertEquals((await rollBack(world, null, true)).set, second);
    assertEquals(await buildsServing(world), [buildOf(2), buildOf(2)], "a dry run");
    await rollBack(world, first!);
    assertEquals(await buildsServing(world), [buildOf(0), buildOf(0)]);
    await rollBack(world, third!.slice(0, -2));
    assertEquals(await buildsServing(world), [buildOf(2), buildOf(2)]);
    assertEquals((await rollBack(world, third!)).status, "current");
    const { rejected } = await world.deps.store.readState();
    assertEquals(rejected.length, 2, "the third release is allowed again, the first is held now");
  },
  async "rollBackEditions() refuses what there is not"(world) {
    await assertRejects(() => rollBack(world), NothingToRollBackError);
    const [first] = await installReleases(world, [0]);
    await assertRejects(() => rollBack(world), NothingToRollBackError, first);
    const unknown = await assertRejects(() => rollBack(world, "2020")) as Error;
    assertStringIncludes(unknown.message, `"2020": there is no such set, allowed are ${first}`);
  },
  async "rollBackEditions() refuses a set whose licence is over, with the day"(world) {
    const [first] = await installReleases(world, [0, 1]);
    world.clock.move(29 * MS_PER_DAY);
    assertEquals((await rollBack(world, null, true)).status, "available");
    world.clock.move(2 * MS_PER_DAY);
    const error = await assertRejects(() => rollBack(world), EditionExpiredError) as Error;
    assertStringIncludes(error.message, first!);
    assertMatch(error.message, /licence wanted it destroyed by 20\d\d-/);
  },
  async "pruneExpired() destroys expired sets without an update, with a record"(world) {
    const [first, second] = await installReleases(world, [0, 1]);
    await pruneExpired(world.deps, world.options.policy);
    assertEquals((await world.deps.store.listSets()).length, 2);
    world.clock.move(31 * MS_PER_DAY);
    await pruneExpired(world.deps, world.options.policy);
    const { sets, events } = await listEditions(world.deps);
    assertEquals(sets.map(({ id }) => id), [second]);
    assertEquals([events.at(-1)?.event, events.at(-1)?.set], ["destroyed", first]);
    assertMatch(events.at(-1)!.reason!, /licence/);
  },
  async "pruneEditions() keeps the sets it is told to keep, and names in a dry run what would go"(world) {
    const sets = await installReleases(world, [0, 1, 2, 3]);
    assertEquals((await listEditions(world.deps)).sets.map(({ id }) => id), sets.slice(1).reverse());
    const policy = { ...world.options.policy, keepSets: 1 };
    const dry = await pruneEditions(world.deps, { policy, isDryRun: true });
    assertEquals(dry.pruned, [{ id: sets[1]!, reason: "surplus" }]);
    assertEquals((await listEditions(world.deps)).sets.length, 3);
    await pruneEditions(world.deps, { policy });
    assertEquals((await listEditions(world.deps)).sets.map(({ id }) => id), [sets[3], sets[2]]);
  },
  async "readEditionStatus() grades the set that serves by build, and critically once it is expired"(world) {
    const options = world.options;
    assertEquals((await readEditionStatus(world.deps, options)).grade, "critical");
    await installReleases(world, [0]);
    world.clock.move(buildOf(0) * 1_000 + 6.9 * MS_PER_DAY - world.clock.now());
    assertEquals((await readEditionStatus(world.deps, options)).grade, "ok");
    world.clock.move(MS_PER_DAY);
    assertEquals((await readEditionStatus(world.deps, options)).grade, "info");
    world.clock.move(7 * MS_PER_DAY);
    assertEquals((await readEditionStatus(world.deps, options)).grade, "warning");
    world.publish(14);
    world.lab.setFault("objectStore", { kind: "reset" });
    assertEquals((await world.update()).status, "failed");
    world.clock.move(29 * MS_PER_DAY);
    assertEquals((await readEditionStatus(world.deps, options)).grade, "warning");
    world.clock.move(2 * MS_PER_DAY);
    const status = await readEditionStatus(world.deps, options);
    assertEquals([status.grade, status.serving], ["critical", "set"]);
    assertMatch(status.items[0]!.message, /newer release is known: the licence wanted this one gone by/);
  },
  async "recoverEditions() says that what is sound is sound"(world) {
    const [first] = await installReleases(world, [0]);
    world.lab.requests.reset();
    const report = await recoverEditions(world.deps, world.options);
    assertEquals([report.status, report.set, report.update], ["sound", first, null]);
    assertEquals(world.lab.requests.maxmindMetadata, 0);
  },
  async "recoverEditions() downloads both editions where nothing is kept"(world) {
    const report = await recoverEditions(world.deps, world.options);
    assertEquals([report.status, report.steps.length], ["downloaded", 0]);
    assertEquals(world.lab.requests.maxmindDownloads, 2);
    assertEquals((await verifyEditions(world.deps, { policy: world.options.policy })).verdict, "ok");
  },
};

/** One for all tests: opening takes longer than most of them. */
let pglite: Promise<SqlClient> | null = null;

for (const [name, run] of Object.entries(CASES)) {
  Deno.test(`${name} (directory)`, async () => {
    await using world = await openEditionWorld();
    await run(world);
  });
  Deno.test(`${name} (PGlite)`, async () => {
    const sql = await (pglite ??= openMemoryPglite());
    await resetDatabase(sql);
    await using world = await openEditionWorld({ database: sql });
    await run(world);
  });
}

Deno.test("Editions in a PostgreSQL server: update, rollback, licence and recovery", async (test) => {
  await using server = await openPostgresServer();
  for (const [name, run] of Object.entries(CASES)) {
    await test.step(name, async () => {
      const sql = await openPostgresDatabase(await server.createDatabase(), { poolSize: 3 });
      try {
        await migrate(sql);
        await using world = await openEditionWorld({ database: sql });
        await run(world);
      } finally {
        await sql.close();
      }
    });
  }
});

Deno.test("rollBackEditions() refuses a kept set that is damaged, and leaves what serves", async () => {
  await using world = await openEditionWorld();
  const [first, second] = await installReleases(world, [0, 1]);
  await damage(world, first!);
  const error = await assertRejects(() => rollBack(world), KeptSetRefusedError) as Error;
  assertMatch(error.message, /GeoLite2-City\.mmdb: .*SHA-256/);
  assertEquals(await world.deps.store.readCurrentId(), second);
});

Deno.test("recoverEditions() lets the newest kept set that verifies serve again", async () => {
  await using world = await openEditionWorld();
  const [first, second, third] = await installReleases(world, [0, 1, 2]);
  await damage(world, third!);
  await damage(world, second!, "GeoLite2-ASN.mmdb");
  const status = await readEditionStatus(world.deps, world.options);
  assertEquals([status.grade, status.items[1]!.grade === "critical"], ["critical", false]);
  world.lab.requests.reset();
  const report = await recoverEditions(world.deps, world.options);
  assertEquals([report.status, report.set, report.previous_set], ["restored", first, third]);
  assertEquals(report.steps.map(({ set, verdict }) => [set, verdict]), [
    [third, "refused"],
    [second, "refused"],
    [first, "ok"],
  ]);
  assertEquals(world.lab.requests.maxmindMetadata, 0);
  assertEquals(await buildsServing(world), [buildOf(0), buildOf(0)]);
  assertEquals((await world.update()).status, "installed", "the newest release is fetched anew");
});

Deno.test("recoverEditions() downloads both editions where no kept set verifies, and deletes nothing before", async () => {
  await using world = await openEditionWorld();
  const [only] = await installReleases(world, [0]);
  await damage(world, only!);
  world.lab.setFault("objectStore", { kind: "reset" });
  const failed = await recoverEditions(world.deps, world.options);
  assertEquals([failed.status, failed.set], ["failed", only]);
  world.lab.clearFaults();
  const report = await recoverEditions(world.deps, world.options);
  assertEquals([report.status, report.update?.status], ["downloaded", "installed"]);
  assertEquals((await verifyEditions(world.deps, { policy: world.options.policy })).verdict, "ok");
});

Deno.test("recoverEditions() adopts plain files that verify and needs no download for them", async () => {
  await using world = await openEditionWorld();
  await writeEditionPair(world.settings.editionDir);
  const report = await recoverEditions(world.deps, world.options);
  assertEquals(report.status, "downloaded");
  assertEquals(report.update?.error, null);
});

Deno.test("An update replaces a set that is damaged on disk by the same release", async () => {
  await using world = await openEditionWorld();
  const [first] = await installReleases(world, [0]);
  await damage(world, first!);
  const report = await world.update();
  assertEquals([report.status, report.error], ["installed", null]);
  assertEquals((await verifyEditions(world.deps, { policy: world.options.policy })).verdict, "ok");
});

Deno.test("A damaged edition is not carried over into the next set", async () => {
  await using world = await openEditionWorld();
  const [first] = await installReleases(world, [0]);
  await damage(world, first!);
  world.lab.publish("GeoLite2-ASN", { buildEpoch: buildOf(1) });
  assertEquals((await world.update()).error, null);
  assertEquals((await verifyEditions(world.deps, { policy: world.options.policy })).verdict, "ok");
});

Deno.test("A state that can't be written keeps updates from asking", async () => {
  await using world = await openEditionWorld();
  await Deno.mkdir(world.settings.editionDir, { recursive: true });
  await Deno.mkdir(`${world.settings.editionDir}/state.json`);
  const report = await world.update().then((ending) => ending, (error) => error);
  assertStringIncludes(JSON.stringify(report, Object.getOwnPropertyNames(report)), "state.json");
  assertEquals(world.lab.requests.maxmindMetadata, 0);
});
