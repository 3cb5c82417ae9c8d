import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildEdition, damageEdition, openPostgresServer } from "@ipcascade/testkit";
import { type Lab, LAB_LICENSE_KEY } from "@ipcascade/testkit/lab";
import { buildOf } from "./edition_world.ts";
import { DAY, publish as publishOfAge } from "./health_world.ts";
import { type CliWorld, openCliWorld, runCli, spawnCli } from "./run_cli.ts";

const JSON_FORMAT = ["--format", "json"];

/** Runs `editions` with JSON; whatever happens there is a report. */
async function editions(world: CliWorld, args: readonly string[], env: Record<string, string> = {}) {
  const result = await world.run(["editions", ...args, ...JSON_FORMAT], {
    env: { GEOIPUPDATE_RETRY_FOR: "0s", ...env },
  });
  return { ...result, report: result.stdout === "" ? null : JSON.parse(result.stdout) };
}

function publish(world: CliWorld, days: number): void {
  for (const id of ["GeoLite2-City", "GeoLite2-ASN"]) world.lab.publish(id, { buildEpoch: buildOf(days) });
}

Deno.test("editions: from nothing to an update, a rollback and a recovery, by exit status and JSON", async () => {
  await using world = await openCliWorld({ editions: false });
  // Old editions would be graded, too.
  publishOfAge(world.lab, 2);
  const nothing = await editions(world, ["status"]);
  assertEquals([nothing.code, nothing.report.serving, nothing.report.grade], [1, "nothing", "critical"]);
  assertEquals((await editions(world, ["verify"])).code, 1);

  const first = await editions(world, ["update"]);
  assertEquals([first.code, first.report.status], [0, "installed"], first.stderr);
  const second = await editions(world, ["update"]);
  assertEquals([second.code, second.report.status], [0, "current"]);
  assertEquals((await editions(world, ["verify"])).report.verdict, "ok");
  assertEquals((await editions(world, ["rollback"])).code, 1);

  publishOfAge(world.lab, 1);
  assertEquals((await editions(world, ["update", "--dry-run"])).report.status, "available");
  assertEquals((await editions(world, ["update"])).report.status, "installed");
  const back = await editions(world, ["rollback"]);
  assertEquals([back.code, back.report.set], [0, first.report.set]);
  const held = await editions(world, ["update"]);
  assertEquals([held.code, held.report.status], [0, "rejected"]);
  const list = await editions(world, ["list"]);
  assertEquals(list.report.sets.map(({ is_current }: { is_current: boolean }) => is_current), [false, true]);
  assertEquals((await editions(world, ["recover"])).report.status, "sound");
  assertEquals((await editions(world, ["prune"])).code, 0);

  const shown = await world.run(["editions", "status"]);
  assertEquals(shown.code, 0);
  assertMatch(shown.stdout, /GeoLite2-City +ok +\d{4}-\d\d-\d\d/);
  assertStringIncludes(shown.stdout, "https://www.maxmind.com");
});

Deno.test("editions update: the exit status says what kind of failure it was", async () => {
  await using world = await openCliWorld({ editions: false });
  assertEquals((await editions(world, ["update"])).code, 0);
  publish(world, 1);
  const bad = damageEdition(buildEdition("GeoLite2-City", { buildEpoch: buildOf(1) }), "bad_utf8");
  const cases: readonly [what: string, prepare: () => void, code: number, reported: string][] = [
    ["key refused", () => world.lab.setFault("maxmind", { kind: "status", status: 401 }), 6, "unauthorized"],
    ["limit", () => world.lab.setFault("maxmind", { kind: "status", status: 429 }), 6, "rate_limited"],
    ["server error", () => world.lab.setFault("maxmind", { kind: "status", status: 500 }), 1, "network"],
    ["checksum", () => world.lab.setFault("maxmind", { kind: "wrongChecksum" }), 4, "checksum"],
    ["archive", () => world.lab.setFault("objectStore", { kind: "html" }), 4, "archive"],
    [
      "verification",
      () => void world.lab.publish("GeoLite2-City", { buildEpoch: buildOf(1), database: bad }),
      4,
      "EDITION_REFUSED",
    ],
  ];
  let seen = "";
  for (const [what, prepare, code, reported] of cases) {
    world.lab.clearFaults();
    prepare();
    const forced = await editions(world, ["update", "--force"]);
    assertEquals(
      [forced.code, forced.report.status, forced.report.error.code],
      [code, "failed", reported],
      what,
    );
    const held = await editions(world, ["update"]);
    assertEquals(
      [held.code, held.report.status],
      [code, "not_due"],
      `${what}: held back with the same status`,
    );
    assertEquals((await editions(world, ["verify"])).code, 0, what);
    seen += forced.stdout + forced.stderr + held.stdout + held.stderr;
  }
  assertEquals(seen.includes(LAB_LICENSE_KEY), false);
  const data = world.env.IPCASCADE_DATA_DIR!;
  for (const name of await readdir(data, { recursive: true })) {
    assertEquals(/tmp|temporary|partial|\.part/i.test(name), false, name);
    const text = await readFile(join(data, name), "latin1").catch(() => "");
    assertEquals(text.includes(LAB_LICENSE_KEY), false, name);
  }
});

Deno.test("editions verify FILE: says what is wrong and where, with status 4", async () => {
  await using world = await openCliWorld({ editions: false });
  const good = world.dir.join("good.mmdb");
  const broken = world.dir.join("broken.mmdb");
  const builtAt = new Date(Date.now() - DAY);
  await Deno.writeFile(good, buildEdition("GeoLite2-City", { buildEpoch: builtAt }));
  await Deno.writeFile(broken, damageEdition(buildEdition("GeoLite2-City"), "cyclic_tree"));
  const both = await editions(world, ["verify", good, broken, world.dir.join("missing.mmdb")]);
  assertEquals([both.code, both.report.verdict], [4, "refused"]);
  const [first, second, third] = both.report.items;
  assertEquals([first.verdict, second.verdict, third.verdict], ["ok", "refused", "refused"]);
  assert(second.findings.some(({ offset }: { offset: number | null }) => offset !== null));
  assertStringIncludes(third.findings[0].message, "missing.mmdb");
  const shown = await world.run(["editions", "verify", good]);
  assertEquals(shown.code, 0, shown.stderr);
  const day = builtAt.toISOString().slice(0, 10);
  assertMatch(shown.stdout, new RegExp(`good\\.mmdb: ok GeoLite2-City of ${day}; \\d+ nodes`));
});

Deno.test("editions: usage that makes no sense is refused with status 2", async () => {
  await using world = await openCliWorld({ editions: false });
  const cases: readonly [args: readonly string[], message: string][] = [
    [["frob"], 'Cannot run editions "frob": allowed are status, update, verify'],
    [["status", "--force"], "Cannot use --force with editions status"],
    [["update", "file.mmdb"], "it takes no file"],
    [["update", "--format", "xml"], "allowed are table, json"],
    [["rollback", "--to", "nowhere"], 'Cannot roll back to "nowhere": there is no such set'],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await world.run(["editions", ...args]);
    assertEquals(code, 2, args.join(" "));
    assertStringIncludes(stderr, message);
  }
  const env = { GEOIPUPDATE_LICENSE_KEY: "", GEOIPUPDATE_ACCOUNT_ID: "", EDITION_PROVIDER: "maxmind" };
  const without = await world.run(["editions", "update"], { env });
  assertEquals(without.code, 2);
  assertStringIncludes(without.stderr, "GEOIPUPDATE_ACCOUNT_ID");
});

Deno.test("editions update: a second updater ends with 5 and names the first, in JSON too", async () => {
  await using world = await openCliWorld({ editions: false });
  world.lab.setFault("maxmind", { kind: "drop" });
  const first = spawnCli(["editions", "update"], world.env);
  try {
    while (world.lab.requests.maxmindMetadata === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const second = await editions(world, ["update"]);
    assertEquals([second.code, second.report.operation, second.report.error.code], [
      5,
      "update-editions",
      "LOCK_HELD",
    ]);
    assertStringIncludes(second.stderr, String(first.pid));
    first.kill("SIGTERM");
    const { code, stderr } = await first.output();
    assertEquals(code, 143, new TextDecoder().decode(stderr));
  } finally {
    await first.status;
  }
  world.lab.clearFaults();
  assertEquals((await editions(world, ["update"])).code, 0);
});

Deno.test("lookup and enrich answer from the set that an update installed, and name MaxMind", async () => {
  await using world = await openCliWorld({ editions: false });
  assertEquals((await editions(world, ["update"])).code, 0);
  for (const command of ["lookup", "enrich"]) {
    const { stdout, stderr } = await world.run([command, "8.8.8.8", "--format", "ndjson"]);
    assertEquals(JSON.parse(stdout).asn_number, 15169, command);
    assertStringIncludes(stderr, "GeoLite2 data created by MaxMind", command);
  }
});

/** Lets a process serve while another one updates, and waits for the new set to answer. */
async function followUpdate(env: Record<string, string>, lab: Lab): Promise<void> {
  const update = () => runCli(["editions", "update"], { env });
  assertEquals((await update()).code, 0);
  const child = spawnCli(["lookup", "-", "--format", "ndjson"], env, "piped");
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const ask = async () => {
    await writer.write(new TextEncoder().encode("8.8.8.8\n"));
    const { value = "" } = await reader.read();
    return Date.parse(JSON.parse(value).enrichment.maxmind.database_build) / 1_000;
  };
  assertEquals(await ask(), buildOf(0));
  for (const id of ["GeoLite2-City", "GeoLite2-ASN"]) lab.publish(id, { buildEpoch: buildOf(1) });
  assertEquals((await update()).code, 0);
  const startedMs = performance.now();
  let build = await ask();
  while (build !== buildOf(1) && performance.now() - startedMs < 60_000) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    build = await ask();
  }
  assertEquals(build, buildOf(1));
  await writer.close();
  const told = await new Response(child.stderr).text();
  await reader.cancel();
  assertEquals((await child.status).code, 0, told);
}

Deno.test("A process serves within a minute the set that another one installs, from a directory and from a server", async () => {
  await using server = await openPostgresServer();
  await using files = await openCliWorld({ editions: false });
  await using tables = await openCliWorld({ editions: false });
  const DATABASE_URL = await server.createDatabase();
  await Promise.all([
    followUpdate(files.env, files.lab),
    followUpdate({ ...tables.env, DATABASE_URL, EDITION_STORE: "postgres" }, tables.lab),
  ]);
});

Deno.test("editions verify: a pipe that nobody writes to is given up at the second signal", async () => {
  await using world = await openCliWorld({ editions: false });
  const pipe = world.dir.join("pipe");
  assertEquals((await new Deno.Command("mkfifo", { args: [pipe] }).output()).code, 0);
  const child = spawnCli(["editions", "verify", pipe], world.env);
  let told = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) told += text;
  })();
  // Opening waits for the reader; then it reads for ever.
  using _writer = await Deno.open(pipe, { write: true });
  child.kill("SIGINT");
  while (!told.includes("SIGINT")) await new Promise((resolve) => setTimeout(resolve, 10));
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 130, told);
  await reading;
  await child.stdout.cancel();
});

Deno.test("editions rollback: a set whose licence is over is refused with 6, and the next command destroys it", async () => {
  await using world = await openCliWorld({ editions: false });
  assertEquals((await editions(world, ["update"])).code, 0);
  publish(world, 1);
  assertEquals((await editions(world, ["update"])).code, 0);
  const path = join(world.env.IPCASCADE_DATA_DIR!, "editions", "state.json");
  const state = JSON.parse(await readFile(path, "utf8"));
  assertEquals(state.superseded.length, 2);
  for (const entry of state.superseded) entry.at = "2026-01-01T00:00:00.000Z";
  await Deno.writeTextFile(path, JSON.stringify(state));
  const refused = await editions(world, ["rollback"]);
  assertEquals([refused.code, refused.report.error.code], [6, "EDITION_EXPIRED"]);
  assertMatch(refused.stderr, /licence wanted it destroyed by 2026-01-31/);
  assertEquals((await editions(world, ["list"])).report.sets.length, 2);
  assertEquals((await world.run(["lookup", "8.8.8.8"])).code, 0);
  const { report } = await editions(world, ["list"]);
  assertEquals([report.sets.length, report.events.at(-1).event], [1, "destroyed"]);
});
