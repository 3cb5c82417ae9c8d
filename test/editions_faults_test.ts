import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MS_PER_DAY, UsageError } from "@ipcascade/core";
import { readEditionStatus, rollBackEditions, updateEditions, verifyEditions } from "@ipcascade/operations";
import {
  buildEdition,
  damageEdition,
  FakeRandom,
  openTempDir,
  TAR_HOSTILITIES,
  writeEditionPair,
} from "@ipcascade/testkit";
import { type Fault, LAB_ACCOUNT_ID, LAB_LICENSE_KEY, type LabProvider } from "@ipcascade/testkit/lab";
import { buildOf, type EditionWorld, openEditionWorld } from "./edition_world.ts";

interface FaultCase {
  readonly at: LabProvider;
  readonly fault: Fault;
  /** Code in report and state. */
  readonly code: string;
}

const AT_METADATA = { path: "metadata" } as const;
const AT_DOWNLOAD = { path: "/download" } as const;

/** Every fault at every stage that a download passes. */
const FAULTS: Readonly<Record<string, FaultCase>> = {
  "metadata: connection reset": {
    at: "maxmind",
    fault: { kind: "reset", ...AT_METADATA },
    code: "network",
  },
  "metadata: cut": { at: "maxmind", fault: { kind: "cut", ...AT_METADATA }, code: "network" },
  "metadata: garbage": { at: "maxmind", fault: { kind: "garbage", ...AT_METADATA }, code: "protocol" },
  "metadata: HTML with 200": { at: "maxmind", fault: { kind: "html", ...AT_METADATA }, code: "protocol" },
  "metadata: endless": {
    at: "maxmind",
    fault: { kind: "endless", of: "body", ...AT_METADATA },
    code: "protocol",
  },
  "metadata: 401": { at: "maxmind", fault: { kind: "status", status: 401 }, code: "unauthorized" },
  "metadata: 403": { at: "maxmind", fault: { kind: "status", status: 403 }, code: "forbidden" },
  "metadata: 404": { at: "maxmind", fault: { kind: "status", status: 404 }, code: "not_found" },
  "metadata: 429": { at: "maxmind", fault: { kind: "status", status: 429 }, code: "rate_limited" },
  "metadata: 500": { at: "maxmind", fault: { kind: "status", status: 500 }, code: "network" },
  "redirect: reset": { at: "maxmind", fault: { kind: "reset", ...AT_DOWNLOAD }, code: "network" },
  "redirect: 429": {
    at: "maxmind",
    fault: { kind: "status", status: 429, ...AT_DOWNLOAD },
    code: "rate_limited",
  },
  "redirect: 503": { at: "maxmind", fault: { kind: "status", status: 503, ...AT_DOWNLOAD }, code: "network" },
  "redirect to a file": {
    at: "maxmind",
    fault: { kind: "status", status: 302, headers: { location: "file:///etc/passwd" }, ...AT_DOWNLOAD },
    code: "protocol",
  },
  "redirect in a circle": {
    at: "maxmind",
    fault: {
      kind: "status",
      status: 302,
      headers: { location: "/geoip/databases/GeoLite2-City/download" },
      ...AT_DOWNLOAD,
    },
    code: "protocol",
  },
  "body: reset": { at: "objectStore", fault: { kind: "reset" }, code: "network" },
  "body: cut": { at: "objectStore", fault: { kind: "cut", after: 0.7 }, code: "network" },
  "body: 403": { at: "objectStore", fault: { kind: "status", status: 403 }, code: "forbidden" },
  "body: 500": { at: "objectStore", fault: { kind: "status", status: 500 }, code: "network" },
  "body: HTML with 200": { at: "objectStore", fault: { kind: "html" }, code: "archive" },
  "body: garbage": { at: "objectStore", fault: { kind: "garbage" }, code: "archive" },
  "gzip: truncated": { at: "objectStore", fault: { kind: "truncatedGzip" }, code: "archive" },
  "gzip: bomb": { at: "objectStore", fault: { kind: "bomb" }, code: "archive" },
  "gzip: not compressed": { at: "objectStore", fault: { kind: "plain" }, code: "archive" },
  "checksum": { at: "maxmind", fault: { kind: "wrongChecksum" }, code: "checksum" },
  ...Object.fromEntries(
    TAR_HOSTILITIES.map((hostility) => [`tar: ${hostility}`, {
      at: "objectStore",
      fault: { kind: "archive", hostility },
      code: "archive",
    }]),
  ),
};

for (const [name, { at, fault, code }] of Object.entries(FAULTS)) {
  Deno.test(`updateEditions() keeps the old set through ${name}`, async () => {
    await using world = await openEditionWorld();
    const first = await world.update();
    world.publish(1);
    world.lab.setFault(at, fault);
    const report = await world.update();
    assertEquals(
      [report.status, report.error?.code, report.set],
      ["failed", code, first.set],
      JSON.stringify(report.error),
    );
    await checkAftermath(world, report);
    world.lab.clearFaults();
    assertEquals((await world.update({ force: true })).status, "installed");
  });
}

/** What serves is whole, nothing unfinished is left, and no secret is anywhere. */
async function checkAftermath(world: EditionWorld, report: unknown): Promise<void> {
  assertEquals((await verifyEditions(world.deps, { policy: world.options.policy })).verdict, "ok");
  const root = world.settings.dataDir;
  const names = await readdir(root, { recursive: true });
  assertEquals(names.filter((name) => /tmp|temporary|partial|\.part/i.test(name)), []);
  assertEquals(await readdir(join(root, "editions", "staging")), []);
  const texts = [JSON.stringify(report), ...world.logged];
  for (const name of names.filter((name) => /json$|current$/.test(name))) {
    texts.push(await readFile(join(root, name), "utf8"));
  }
  const basic = btoa(`${LAB_ACCOUNT_ID}:${LAB_LICENSE_KEY}`);
  for (const text of texts) {
    for (const secret of [LAB_LICENSE_KEY, basic, "signature="]) {
      assertEquals(text.includes(secret), false, text.slice(0, 500));
    }
  }
}

Deno.test("updateEditions() gives up on a provider that stays silent, when it is told to", async () => {
  await using world = await openEditionWorld();
  const first = await world.update();
  world.publish(1);
  for (const at of ["maxmind", "objectStore"] as const) {
    world.lab.setFault(at, { kind: "drop" });
    const signal = AbortSignal.timeout(300);
    const startedMs = performance.now();
    const error = await world.update({ signal, force: true }).then(() => null, (reason) => reason);
    assert(error !== null && performance.now() - startedMs < 5_000, `${at}: ${error}`);
    assertEquals(await world.deps.store.readCurrentId(), first.set);
    world.lab.clearFaults();
  }
});

Deno.test("updateEditions() refuses a database cut at any of 50 places", async () => {
  await using world = await openEditionWorld();
  const first = await world.update();
  const whole = buildEdition("GeoLite2-City", { buildEpoch: buildOf(1) });
  const random = new FakeRandom(50);
  for (let cut = 0; cut < 50; cut++) {
    const length = cut === 0 ? 0 : random.below(whole.length);
    world.lab.publish("GeoLite2-City", { buildEpoch: buildOf(1), database: whole.slice(0, length) });
    const report = await world.update({ force: true });
    assert(
      ["EDITION_REFUSED", "archive"].includes(report.error?.code ?? ""),
      `${length}: ${report.error?.code}`,
    );
    assertEquals(report.set, first.set);
  }
  assertEquals((await verifyEditions(world.deps, { policy: world.options.policy })).verdict, "ok");
});

Deno.test("updateEditions() refuses the wrong edition under the right name, and wrong answers to the canaries", async () => {
  const cases: readonly [what: string, database: Uint8Array, message: string][] = [
    ["an ASN edition", buildEdition("GeoLite2-ASN", { buildEpoch: buildOf(1) }), "GeoLite2-ASN"],
    [
      "another country",
      buildEdition("GeoLite2-City", {
        buildEpoch: buildOf(1),
        change: (entry) => entry.address === "8.8.8.8" ? null : entry,
      }),
      "8.8.8.8",
    ],
    [
      "a broken record",
      damageEdition(buildEdition("GeoLite2-City", { buildEpoch: buildOf(1) }), "deep_nesting"),
      "",
    ],
  ];
  for (const [what, database, message] of cases) {
    await using world = await openEditionWorld();
    await world.update();
    world.lab.publish("GeoLite2-City", { buildEpoch: buildOf(1), database });
    const report = await world.update();
    assertEquals(report.error?.code, "EDITION_REFUSED", what);
    assertStringIncludes(report.error!.message, message, what);
  }
});

Deno.test("updateEditions() tells of a release that is much smaller, and installs it", async () => {
  await using world = await openEditionWorld();
  await world.update();
  const keep = new Set(["8.8.8.8", "1.1.1.1"]);
  const database = buildEdition("GeoLite2-City", {
    buildEpoch: buildOf(1),
    change: (entry) => keep.has(entry.address) ? entry : null,
  });
  world.lab.publish("GeoLite2-City", { buildEpoch: buildOf(1), database });
  const report = await world.update();
  assertEquals([report.status, report.error], ["installed", null]);
  assert(report.warnings.length >= 1, JSON.stringify(report.warnings));
});

Deno.test("updateEditions() gets DB-IP's databases without account, last month's until this month's are there", async () => {
  const now = new Date();
  const lastMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)).toISOString().slice(
    0,
    7,
  );
  await using world = await openEditionWorld({
    lab: { dbipMonths: [lastMonth] },
    env: { EDITION_PROVIDER: "dbip" },
  });
  const report = await world.update();
  assertEquals([report.status, report.error, report.provider], ["installed", null, "dbip"]);
  assertEquals((await world.update()).status, "current");
  const { provider, items } = await readEditionStatus(world.deps, world.options);
  assertEquals(provider, "dbip");
  assertStringIncludes(items[0]!.attribution ?? "", "https://db-ip.com");
});

Deno.test("updateEditions() takes editions from a directory", async () => {
  await using source = await openEditionWorld();
  await source.update();
  const id = await source.deps.store.readCurrentId();
  await using world = await openEditionWorld({
    env: { EDITION_PROVIDER: "mirror", EDITION_MIRROR_URL: join(source.settings.editionDir, "sets", id!) },
  });
  assertEquals((await world.update()).status, "installed");
  assertEquals((await world.update()).status, "current");
});

Deno.test("updateEditions() gets the same bytes under a new name once, and does not take them for outdated", async () => {
  await using mirror = await openTempDir();
  const { city } = await writeEditionPair(mirror.path);
  await using world = await openEditionWorld({
    env: { EDITION_PROVIDER: "mirror", EDITION_MIRROR_URL: mirror.path },
  });
  const first = await world.update();
  assertEquals(first.status, "installed");
  await utimes(city, new Date(), new Date());
  const renamed = await world.update();
  assertEquals(renamed.error, null);
  const settled = await world.update();
  assertEquals([settled.status, settled.set], ["current", renamed.set]);
  world.clock.move(31 * MS_PER_DAY);
  const { items } = await readEditionStatus(world.deps, world.options);
  assertEquals(items.map(({ expires_at }) => expires_at), [null, null]);
});

Deno.test("updateEditions() downloads although a file that it would adopt can't be read", async () => {
  await using world = await openEditionWorld();
  await mkdir(join(world.settings.editionDir, "GeoLite2-City.mmdb"), { recursive: true });
  const report = await world.update();
  assertEquals([report.status, report.error], ["installed", null]);
});

Deno.test("A forced update forgives what it installs", async () => {
  await using world = await openEditionWorld();
  await world.update();
  world.publish(1);
  await world.update();
  await rollBackEditions(world.deps, { policy: world.options.policy, to: null });
  assertEquals((await world.deps.store.readState()).rejected.length, 2);
  assertEquals((await world.update({ force: true })).status, "installed");
  assertEquals((await world.deps.store.readState()).rejected, []);
});

Deno.test("An update leaves a set of another program's format alone, and entries of the state that it does not know", async () => {
  await using world = await openEditionWorld();
  await world.update();
  const sets = join(world.settings.editionDir, "sets");
  await mkdir(join(sets, "20300101-000000-00000000"));
  await writeFile(join(sets, "20300101-000000-00000000", "manifest.json"), '{"format": 2}');
  const path = join(world.settings.editionDir, "state.json");
  const state = JSON.parse(await readFile(path, "utf8"));
  state.events.push({ at: "2030-01-01T00:00:00Z", event: "celebrated", set: null, reason: null });
  await writeFile(path, JSON.stringify(state));
  world.publish(1);
  assertEquals((await world.update()).status, "installed");
  assert((await readdir(sets)).includes("20300101-000000-00000000"));
  const { events } = await world.deps.store.readState();
  assertEquals(events.map(({ event }) => event), ["installed", "installed"], "what went before is kept");
});

Deno.test("A damaged manifest of the set that serves costs no database before another set serves", async () => {
  await using world = await openEditionWorld();
  const { set } = await world.update();
  const dir = join(world.settings.editionDir, "sets", set!);
  await writeFile(join(dir, "manifest.json"), "{");
  world.lab.setFault("objectStore", { kind: "reset" });
  assertEquals((await world.update()).status, "failed");
  assert((await readdir(dir)).includes("GeoLite2-City.mmdb"));
  world.lab.clearFaults();
  assertEquals((await world.update({ force: true })).status, "installed");
});

Deno.test("A lost state gives an old set no more days than its licence allows", async () => {
  await using world = await openEditionWorld();
  world.clock.move(-40 * MS_PER_DAY);
  world.lab.publish("GeoLite2-City", { buildEpoch: buildOf(-42) });
  world.lab.publish("GeoLite2-ASN", { buildEpoch: buildOf(-42) });
  const first = await world.update();
  world.publish(-41);
  await world.update();
  world.clock.move(40 * MS_PER_DAY);
  await writeFile(join(world.settings.editionDir, "state.json"), "garbage");
  const report = await world.update();
  assertStringIncludes(world.logged.join(), "damaged and begins anew");
  assertEquals([report.error, report.pruned], [null, [first.set!]]);
});

Deno.test("openEditionProvider() takes half an account for a mistake, unless a provider is chosen", async () => {
  const half = { GEOIPUPDATE_LICENSE_KEY: "" };
  await assertRejects(() => openEditionWorld({ env: half }), UsageError, "not both set");
  await using world = await openEditionWorld({ env: { ...half, EDITION_PROVIDER: "dbip" } });
  assertEquals((await world.update()).provider, "dbip");
});

Deno.test("updateEditions() tells that the provider has changed", async () => {
  await using world = await openEditionWorld();
  await world.update();
  await using other = await openEditionWorld({ env: { EDITION_PROVIDER: "dbip" } });
  const report = await updateEditions({ ...world.deps, provider: other.provider }, world.options);
  assertEquals(report.error, null);
  assertStringIncludes(report.warnings.join(), "came from maxmind before, and come from dbip now");
});
