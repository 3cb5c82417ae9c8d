import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { type EditionStore, EditionStoreError, MS_PER_DAY, MS_PER_MINUTE, UsageError } from "@ipcascade/core";
import { readEditionStatus, updateEditions, type UpdateReport, verifyEditions } from "@ipcascade/operations";
import { damageEdition, EDITION_IDS, writeEditionPair } from "@ipcascade/testkit";
import { LAB_LICENSE_KEY } from "@ipcascade/testkit/lab";
import { buildOf, type EditionWorld, openEditionWorld } from "./edition_world.ts";

function statuses({ items }: UpdateReport): readonly string[] {
  return items.map(({ status }) => status);
}

function builds({ items }: UpdateReport): readonly (number | null)[] {
  return items.map(({ build_epoch }) => build_epoch);
}

Deno.test("updateEditions() installs a first set, then is current without a download, then updates", async () => {
  await using world = await openEditionWorld();
  const first = await world.update();
  assertEquals([first.status, first.error, first.previous_set], ["installed", null, null]);
  assertEquals(statuses(first), ["installed", "installed"]);
  assertEquals(builds(first), [buildOf(0), buildOf(0)]);
  assertEquals(first.items.map(({ old_hash }) => old_hash), ["0".repeat(32), "0".repeat(32)]);
  assertEquals(world.lab.requests.objectStoreLeaks, 0);

  const downloads = world.lab.requests.maxmindDownloads;
  const second = await world.update();
  assertEquals([second.status, second.set, second.previous_set], ["current", first.set, first.set]);
  assertEquals(statuses(second), ["current", "current"]);
  assertEquals(world.lab.requests.maxmindDownloads, downloads);

  world.publish(1);
  const third = await world.update();
  assertEquals([third.status, third.previous_set], ["installed", first.set]);
  assertEquals(builds(third), [buildOf(1), buildOf(1)]);
  assertEquals(third.items.map(({ old_hash }) => old_hash), first.items.map(({ new_hash }) => new_hash));
  assertEquals((await verifyEditions(world.deps, { policy: world.options.policy })).verdict, "ok");
});

Deno.test("updateEditions() reports geoipupdate's fields with geoipupdate's types", async () => {
  await using world = await openEditionWorld();
  const [item] = (await world.update()).items;
  assertMatch(item!.new_hash, /^[0-9a-f]{32}$/);
  assertEquals(item!.modified_at, buildOf(0));
  assert(Math.abs(item!.checked_at! - Date.now() / 1_000) < 60);
});

Deno.test("updateEditions() takes an unchanged edition over into the next set", async () => {
  await using world = await openEditionWorld();
  const first = await world.update();
  world.lab.requests.reset();
  world.lab.publish("GeoLite2-ASN", { buildEpoch: buildOf(1) });
  const second = await world.update();
  assertEquals(statuses(second), ["current", "installed"]);
  assertEquals(builds(second), [buildOf(0), buildOf(1)]);
  assertEquals(world.lab.requests.maxmindDownloads, 1);
  assertEquals(second.items[0]!.sha256, first.items[0]!.sha256);
  assertEquals((await verifyEditions(world.deps, { policy: world.options.policy })).verdict, "ok");
});

Deno.test("updateEditions() switches City and ASN together or not at all", async () => {
  await using world = await openEditionWorld();
  const first = await world.update();
  world.publish(1);
  world.lab.setFault("objectStore", { kind: "truncatedGzip", path: "GeoLite2-ASN" });
  const second = await world.update();
  assertEquals([second.status, second.set], ["failed", first.set]);
  assertEquals(statuses(second), ["discarded", "failed"]);
  assertEquals(builds(second), [buildOf(0), buildOf(0)]);
  assertEquals((await verifyEditions(world.deps, { policy: world.options.policy })).verdict, "ok");
});

Deno.test("updateEditions() asks nobody in a restart loop after a failure, and goes on when it is due", async () => {
  await using world = await openEditionWorld();
  await world.update();
  world.lab.setFault("maxmind", { kind: "status", status: 500 });
  assertEquals((await world.update()).error?.code, "network");
  world.lab.requests.reset();
  for (let restarts = 0; restarts < 50; restarts++) {
    const { status, error, next_attempt_at } = await world.update();
    assertEquals([status, error?.code], ["not_due", "network"]);
    assert(Date.parse(next_attempt_at!) > world.clock.now());
  }
  assertEquals(world.lab.requests.maxmindMetadata, 0);
  world.lab.clearFaults();
  world.clock.move(15 * MS_PER_MINUTE);
  assertEquals((await world.update()).status, "current");
});

Deno.test("updateEditions() asks a bounded number of times in a restart loop of successes", async () => {
  await using world = await openEditionWorld();
  const seen = new Set<string>();
  for (let restarts = 0; restarts < 40; restarts++) {
    const { status, error } = await world.update();
    assertEquals(error, null);
    seen.add(status);
  }
  assertEquals([...seen], ["installed", "current", "not_due"]);
  assertEquals(world.lab.requests.maxmindMetadata, 14, "once with news and six times without, two editions");
  assertEquals(world.lab.requests.maxmindDownloads, 2);
});

Deno.test("updateEditions() leaves MaxMind alone until midnight after a 429", async () => {
  await using world = await openEditionWorld();
  // At noon, which is far from midnight.
  world.clock.move(1.5 * MS_PER_DAY - world.clock.now() % MS_PER_DAY);
  await world.update();
  world.publish(1);
  const body = "Daily GeoIP database download limit reached";
  world.lab.setFault("maxmind", { kind: "status", status: 429, body, path: "/download" });
  const refused = await world.update();
  assertEquals([refused.status, refused.error?.code], ["failed", "rate_limited"]);
  assertStringIncludes(refused.error!.message, body);
  assertMatch(refused.next_attempt_at!, /T00:00:00\.000Z$/);
  world.lab.clearFaults();
  world.lab.requests.reset();
  world.clock.move(Date.parse(refused.next_attempt_at!) - world.clock.now() - MS_PER_MINUTE);
  assertEquals((await world.update()).status, "not_due");
  assertEquals(world.lab.requests.maxmindMetadata, 0);
  world.clock.move(2 * MS_PER_MINUTE);
  assertEquals((await world.update()).status, "installed");
});

Deno.test("updateEditions() asks at once with --force, and when provider or account have changed", async () => {
  await using world = await openEditionWorld();
  world.lab.setFault("maxmind", { kind: "status", status: 401 });
  assertEquals((await world.update()).error?.code, "unauthorized");
  world.lab.clearFaults();
  assertEquals((await world.update()).status, "not_due");
  assertEquals((await world.update({ settings: "another key" })).status, "installed");
  world.lab.setFault("maxmind", { kind: "status", status: 500 });
  await world.update({ settings: "another key" });
  world.lab.clearFaults();
  const forced = await world.update({ settings: "another key", force: true });
  assertEquals([forced.status, forced.error], ["current", null], "the same bytes make no new set");
});

Deno.test("updateEditions() counts the day's downloads, and leaves their limit to the provider", async () => {
  await using world = await openEditionWorld();
  // Early in a day of UTC, so that all of it is one day.
  world.clock.move(MS_PER_DAY - world.clock.now() % MS_PER_DAY);
  for (let release = 1; release <= 16; release++) {
    world.publish(release / 24);
    assertEquals((await world.update()).error, null, `release ${release}`);
  }
  assertEquals(world.lab.requests.maxmindDownloads, 32);
  assertEquals((await readEditionStatus(world.deps, world.options)).downloads_today, 32);
  world.clock.move(MS_PER_DAY);
  assertEquals((await readEditionStatus(world.deps, world.options)).downloads_today, 0);
});

Deno.test("updateEditions() remembers a release that fails verification and does not fetch it again", async () => {
  await using world = await openEditionWorld();
  const first = await world.update();
  const bad = damageEdition((await cityOf(world)).slice(), "bad_utf8");
  world.lab.publish("GeoLite2-City", { buildEpoch: buildOf(1), database: bad });
  const refused = await world.update();
  assertEquals([refused.status, refused.error?.code], ["failed", "EDITION_REFUSED"]);
  assertStringIncludes(refused.error!.message, "UTF-8");
  world.lab.requests.reset();
  world.clock.move(MS_PER_DAY);
  const again = await world.update();
  assertEquals([again.status, again.error?.code], ["rejected", "EDITION_REFUSED"]);
  assertEquals([again.set, world.lab.requests.maxmindDownloads], [first.set, 0]);
  const forced = await world.update({ force: true });
  assertEquals(
    [forced.status, forced.error?.code],
    ["failed", "EDITION_REFUSED"],
    "force skips no verification",
  );
  world.clock.move(MS_PER_DAY);
  world.publish(2);
  assertEquals((await world.update()).status, "installed");
});

Deno.test("updateEditions() installs the good one of two releases with the old other one", async () => {
  await using world = await openEditionWorld();
  await world.update();
  const bad = damageEdition((await cityOf(world)).slice(), "bad_utf8");
  world.lab.publish("GeoLite2-City", { buildEpoch: buildOf(1), database: bad });
  await world.update();
  world.clock.move(MS_PER_DAY);
  world.lab.publish("GeoLite2-ASN", { buildEpoch: buildOf(1) });
  const report = await world.update();
  assertEquals(statuses(report), ["rejected", "installed"]);
  assertEquals(builds(report), [buildOf(0), buildOf(1)]);
});

Deno.test("updateEditions() refuses a downgrade, also by force", async () => {
  await using world = await openEditionWorld();
  world.publish(2);
  const first = await world.update();
  world.publish(1);
  for (const force of [false, true]) {
    const report = await world.update({ force });
    assertEquals([report.status, report.error?.code], ["failed", "EDITION_REFUSED"]);
    assertMatch(report.error!.message, /older|before/);
    assertEquals(report.set, first.set);
  }
});

Deno.test("updateEditions() refuses a release of the future, as a clock set back makes of every release", async () => {
  await using world = await openEditionWorld();
  const first = await world.update();
  world.publish(1);
  world.clock.move(-400 * MS_PER_DAY);
  const report = await world.update();
  assertEquals([report.status, report.error?.code, report.set], ["failed", "EDITION_REFUSED", first.set]);
  assertMatch(report.error!.message, /future/);
});

Deno.test("updateEditions() changes nothing in a dry run", async () => {
  await using world = await openEditionWorld();
  const dry = await world.update({ isDryRun: true });
  assertEquals([dry.status, dry.set], ["available", null]);
  assertEquals(statuses(dry), ["available", "available"]);
  assertEquals(world.lab.requests.maxmindDownloads, 0);
  const status = await readEditionStatus(world.deps, world.options);
  assertEquals([status.serving, status.attempt, status.checked_at], ["nothing", null, null]);
});

Deno.test("updateEditions() adopts what geoipupdate left, and needs no download when it is current", async () => {
  await using world = await openEditionWorld();
  await writeEditionPair(world.settings.editionDir);
  const report = await world.update();
  assertEquals([report.status, report.error], ["adopted", null]);
  assertEquals(world.lab.requests.maxmindDownloads, 0);
  assertEquals((await readEditionStatus(world.deps, world.options)).provider, "adopted");
  world.publish(1);
  assertEquals((await world.update()).status, "installed");
});

Deno.test("updateEditions() downloads where the files that are there do not verify", async () => {
  await using world = await openEditionWorld();
  const { city } = await writeEditionPair(world.settings.editionDir);
  await Deno.writeFile(city, damageEdition(await Deno.readFile(city), "cyclic_pointer"));
  const report = await world.update();
  assertEquals([report.status, report.error], ["installed", null]);
  assertEquals(world.lab.requests.maxmindDownloads, 1, "the ASN edition was adopted and is current");
});

Deno.test("updateEditions() tells of editions that the product has no use for", async () => {
  await using world = await openEditionWorld({
    env: { GEOIPUPDATE_EDITION_IDS: "GeoLite2-Country GeoLite2-ASN" },
  });
  const report = await world.update();
  assertEquals(report.items.map(({ edition_id, status }) => `${edition_id} ${status}`), [
    "GeoLite2-ASN installed",
    "GeoLite2-Country unused",
  ]);
});

Deno.test("updateEditions() refuses to run beside another update", async () => {
  await using world = await openEditionWorld();
  await using _lock = await world.deps.store.lock("test");
  const error = await world.update().then(() => null, (reason) => reason);
  assertEquals(error?.code, "LOCK_HELD");
  assertStringIncludes(error.message, String(Deno.pid));
});

Deno.test("updateEditions() stops when it is told to, keeps the old set and holds nothing back", async () => {
  await using world = await openEditionWorld();
  const first = await world.update();
  world.publish(1);
  world.lab.setFault("objectStore", { kind: "drop" });
  const stop = new AbortController();
  const stopped = world.update({
    signal: stop.signal,
    onProgress: () => {},
  });
  const waiting = async () => {
    while (world.lab.requests.objectStoreDownloads < 3) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    stop.abort();
  };
  await Promise.all([stopped.then(() => assert(false, "not stopped"), () => {}), waiting()]);
  world.lab.clearFaults();
  const status = await readEditionStatus(world.deps, world.options);
  assertEquals([status.set, status.attempt?.error?.code], [first.set, "ABORTED"]);
  assertEquals((await world.update()).status, "installed");
});

Deno.test("updateEditions() tries a flaky provider again within its time", async () => {
  await using world = await openEditionWorld();
  world.lab.setFault("maxmind", { kind: "status", status: 503, times: 2 });
  world.lab.setFault("objectStore", { kind: "reset", times: 1 });
  const report = await world.update({ retryForMs: 20_000 });
  assertEquals([report.status, report.error], ["installed", null]);
});

Deno.test("updateEditions() never shows the key or a signed address, whatever fails", async () => {
  await using world = await openEditionWorld();
  for (const status of [400, 401, 403, 404, 429, 500]) {
    for (const provider of ["maxmind", "objectStore"] as const) {
      world.lab.clearFaults();
      const body = `refused for account ${LAB_LICENSE_KEY}`;
      world.lab.setFault(provider, { kind: "status", status, body });
      const report = await world.update({ force: true });
      assertEquals(report.status, "failed");
      const seen = JSON.stringify([report, await world.deps.store.readState(), world.logged]);
      assertEquals(seen.includes(LAB_LICENSE_KEY), false, `${provider} ${status}`);
      assertEquals(seen.includes("signature="), false, `${provider} ${status}`);
    }
  }
});

/** The world's store, one of whose methods fails. */
function failing(
  world: EditionWorld,
  method: keyof EditionStore,
  isDue: () => boolean = () => true,
): EditionStore {
  return new Proxy(world.deps.store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (name === method && isDue()) return Promise.reject(new EditionStoreError(`Cannot ${method}`));
        return value.apply(target, args);
      };
    },
  });
}

Deno.test("updateEditions() installs although an old set can't be destroyed, and says so", async () => {
  await using world = await openEditionWorld({ env: { EDITION_KEEP_SETS: "0" } });
  await world.update();
  world.publish(1);
  const store = failing(world, "removeSet");
  const report = await updateEditions({ ...world.deps, store }, world.options);
  assertEquals([report.status, report.error], ["installed", null]);
  assertStringIncludes(report.warnings.join(), "Cannot removeSet");
  assertEquals((await world.deps.store.listSets()).length, 2);
  world.publish(2);
  assertEquals((await world.update()).pruned.length, 2);
});

Deno.test("updateEditions() reports the new set when what comes after the switch fails", async () => {
  await using world = await openEditionWorld();
  const first = await world.update();
  world.publish(1);
  let isSwitched = false;
  const store = failing(world, "writeState", () => isSwitched);
  const { switchTo } = store;
  const switching = new Proxy(store, {
    get: (target, name) =>
      name !== "switchTo" ? Reflect.get(target, name) : async (id: string) => {
        await switchTo(id);
        isSwitched = true;
      },
  });
  const report = await updateEditions({ ...world.deps, store: switching }, world.options);
  assertEquals([report.status, report.error?.code], ["failed", "EDITION_STORE_FAILED"]);
  assertNotEquals(report.set, first.set);
  assertEquals(report.set, await world.deps.store.readCurrentId());
  assertEquals(builds(report), [buildOf(1), buildOf(1)]);
});

Deno.test("updateEditions() tells a next attempt that lies ahead, also after a closing that is over", async () => {
  await using world = await openEditionWorld();
  world.lab.setFault("maxmind", { kind: "status", status: 429 });
  await world.update();
  world.clock.move(2 * MS_PER_DAY);
  world.lab.setFault("maxmind", { kind: "status", status: 500 });
  const report = await world.update();
  assertEquals(report.error?.code, "network");
  assert(Date.parse(report.next_attempt_at!) > world.clock.now(), report.next_attempt_at!);
});

Deno.test("updateEditions() refuses settings without an edition of use", async () => {
  await using world = await openEditionWorld({ env: { GEOIPUPDATE_EDITION_IDS: "GeoLite2-Country" } });
  const error = await assertRejects(() => world.update(), UsageError) as Error;
  assertStringIncludes(error.message, '"GeoLite2-Country"');
});

async function cityOf(world: EditionWorld): Promise<Uint8Array> {
  const id = await world.deps.store.readCurrentId();
  return await world.deps.store.readEdition(id!, `${EDITION_IDS[0]}.mmdb`);
}
