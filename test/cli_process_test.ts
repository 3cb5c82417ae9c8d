import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import type { IpRecord } from "@ipcascade/core";
import { openPgliteDatabase } from "@ipcascade/platform";
import { COWRIE_LOG_TOTALS, COWRIE_LOG_URL, DENO_RUN, WORLD } from "@ipcascade/testkit";
import { gzipSync } from "node:zlib";
import { readFile, writeFile } from "node:fs/promises";
import { CLI_MAIN, type CliWorld, openCliWorld, readRecords, runCli, spawnCli } from "./run_cli.ts";

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const encode = (text: string) => new TextEncoder().encode(text);

async function readRows<Row>(world: CliWorld, text: string): Promise<Row[]> {
  const database = await openPgliteDatabase(world.dir.join("data"));
  try {
    return await database.query<Row>(text);
  } finally {
    await database.close();
  }
}

Deno.test("ipcascade tells its version and its commands without settings, and what a bare call lacks", async () => {
  const [version, help, enrich, bare] = await Promise.all([
    runCli(["--version"]),
    runCli(["--help"]),
    runCli(["enrich", "--help"]),
    runCli([]),
  ]);
  assertEquals([version.code, help.code, enrich.code, bare.code], [0, 0, 0, 2]);
  assertMatch(version.stdout, /\d+\.\d+\.\d+/);
  for (const name of ["enrich", "lookup", "sessions", "config", "lab"]) {
    assertStringIncludes(help.stdout, name);
  }
  for (const flag of ["--sources", "--refresh", "--from", "--format", "--data-dir"]) {
    assertStringIncludes(enrich.stdout, flag);
  }
});

Deno.test("enrich that is told to stop stores and reports what was asked, and ends with 143", async () => {
  await using world = await openCliWorld();
  world.lab.setFault("greynoise", { kind: "delay", ms: 300 });
  const addresses = WORLD.filter(({ version }) => version === 4).map(({ address }) => address);
  const child = spawnCli(["enrich", ...addresses, "--format", "ndjson"], world.env);
  const output = child.output();
  await until(() => world.lab.requests.greynoiseRequests >= 3);
  child.kill("SIGTERM");
  const started = performance.now();
  const { code, stdout, stderr } = await output;
  assertLess(performance.now() - started, 8_000);
  assertEquals(code, 143, decode(stderr));
  assertStringIncludes(decode(stderr), "SIGTERM: finishing the batch in hand");
  const records = readRecords({ code, stdout: decode(stdout), stderr: "" }) as IpRecord[];
  assertEquals(records.map(({ input }) => input), addresses, "the batch in hand is whole");
  const asked = records.filter(({ enrichment }) => enrichment._meta.sources.greynoise?.outcome !== "skipped");
  assertEquals(asked.length, world.lab.requests.greynoiseRequests, "every answer that was paid for is kept");
  const [row] = await readRows<{ rows: number; asked: number }>(
    world,
    `select count(*)::int as rows, (count(*) filter (where greynoise_outcome in ('hit', 'miss')))::int as asked
    from ip_inventory`,
  );
  assertEquals([row?.rows, row?.asked], [addresses.length, asked.length]);
});

/** Waits until something is so; fails after 20 s. */
async function until(isSo: () => boolean): Promise<void> {
  for (const started = performance.now(); !isSo();) {
    if (performance.now() - started > 20_000) throw new Error("Cannot wait longer: it never came to be");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("enrich that reads a silent pipe delivers, and ends with 130 at SIGINT and at once when nobody reads on", async () => {
  await using world = await openCliWorld();
  const one = spawnCli(["enrich", "-", "--format", "ndjson"], world.env, "piped");
  const writer = one.stdin.getWriter();
  await writer.write(encode("8.8.8.8\n10.0.0.1\n"));
  const reader = one.stdout.getReader();
  assertStringIncludes(decode((await reader.read()).value ?? encode("")), '"8.8.8.8"');
  one.kill("SIGINT");
  for (let next = await reader.read(); next.done !== true;) next = await reader.read();
  assertEquals((await one.status).code, 130);
  await one.stderr.cancel();
  await writer.abort().catch(() => {});

  const two = spawnCli(["enrich", "-", "--format", "ndjson", "--offline"], world.env, "piped");
  const feeder = two.stdin.getWriter();
  await feeder.write(encode("8.8.8.8\n"));
  const head = two.stdout.getReader();
  await head.read();
  await head.cancel();
  // The next record finds nobody who reads; the pipe itself stays open and silent.
  await feeder.write(encode("1.1.1.1\n"));
  const status = await Promise.race([
    two.status,
    new Promise<null>((resolve) => setTimeout(resolve, 15_000, null)),
  ]);
  if (status === null) two.kill("SIGKILL");
  assertEquals(status?.code, 0);
  await two.stderr.cancel();
  await feeder.abort().catch(() => {});
});

Deno.test("a second process on the same data directory ends with 5 and changes nothing", async () => {
  await using world = await openCliWorld();
  const database = await openPgliteDatabase(world.dir.join("data"));
  try {
    const { code, stdout, stderr } = await world.run(["enrich", "8.8.8.8", "--format", "json"]);
    assertEquals(code, 5, stderr);
    assertEquals(stdout.includes("8.8.8.8"), false);
    assertStringIncludes(stderr, world.dir.join("data"));
  } finally {
    await database.close();
  }
  assertEquals(world.lab.requests.greynoiseRequests, 0);
});

Deno.test("enrich --format none fills the inventory, writes no record and complains of what is no address", async () => {
  await using world = await openCliWorld();
  const list = world.dir.join("nightly.txt");
  const bad = Array.from({ length: 22 }, (_, index) => `no-address-${index + 1}`);
  await writeFile(list, ["8.8.8.8", "10.0.0.1", ...bad, "1.1.1.1", "8.8.8.8"].join("\n"));
  const args = ["enrich", list, "--format", "none"];
  const first = await world.run(args);
  assertEquals([first.code, first.stdout], [3, ""], first.stderr);
  const complaints = first.stderr.split("\n").filter((line) => line.startsWith("ipcascade: "));
  assertEquals(complaints.length, 21);
  assertStringIncludes(complaints[0]!, '"no-address-1"');
  assertStringIncludes(complaints[0]!, 'nightly.txt", line 3)');
  assertEquals(complaints[20], "ipcascade: 2 more inputs could not be read");
  assertStringIncludes(first.stderr, "26 inputs, 3 asked, 0 fresh, 1 not global, 22 invalid, 2 stored");
  const rows = await readRows<{ ip: string }>(
    world,
    "select host(ip_address) as ip from ip_inventory order by ip_address",
  );
  assertEquals(rows.map((row) => row.ip), ["1.1.1.1", "8.8.8.8"]);

  world.lab.requests.reset();
  await writeFile(list, "8.8.8.8\n1.1.1.1\n");
  const second = await world.run(args);
  assertEquals([second.code, second.stdout], [0, ""], second.stderr);
  assertStringIncludes(second.stderr, "2 inputs, 0 asked, 2 fresh in");
  assertEquals(world.lab.requests.greynoiseRequests, 0);
  const quiet = await world.run([...args, "--quiet"]);
  assertEquals([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""]);
});

Deno.test("enrich --format none names each file that can't be read to its end, however many lines are bad", async () => {
  await using world = await openCliWorld();
  const list = world.dir.join("bad.txt");
  const cut = world.dir.join("cut.gz");
  await writeFile(list, Array.from({ length: 25 }, (_, index) => `no-address-${index + 1}`).join("\n"));
  const addresses = Array.from({ length: 500 }, (_, index) => `8.8.${index % 7}.${index % 256}`).join("\n");
  await writeFile(cut, gzipSync(addresses).subarray(0, 100));
  const files = [list, cut, world.dir.join("nowhere.txt")];
  for (const options of [["--format", "none"], ["--queue"]]) {
    const { stderr } = await world.run(["enrich", ...files, "--offline", ...options]);
    assertStringIncludes(stderr, "the gzip data breaks off");
    assertStringIncludes(stderr, "nowhere.txt");
    // The last line before the break may be cut, too.
    assertMatch(stderr, /^ipcascade: [56] more inputs could not be read$/m);
  }
});

Deno.test("enrich --format none goes on where nobody can be told of an input, and fails at the end", async () => {
  await using world = await openCliWorld();
  const list = world.dir.join("list.txt");
  const addresses = Array.from({ length: 300 }, (_, index) => `8.8.${index >> 8}.${index & 255}`);
  await writeFile(list, ["no-address", ...addresses].join("\n"));
  const args = ["enrich", list, "--offline", "--format", "none", "--batch-size", "50"];
  const command = [Deno.execPath(), ...DENO_RUN, CLI_MAIN, ...args];
  const { code } = await new Deno.Command("sh", {
    args: ["-c", 'exec "$@" 2> /dev/full', "sh", ...command],
    env: world.env,
    stdout: "null",
  }).output();
  assertEquals(code, 1);
  const [{ rows } = { rows: 0 }] = await readRows<{ rows: number }>(
    world,
    "select count(*)::int as rows from ip_inventory",
  );
  assertEquals(rows, 300);
});

Deno.test("sessions import and enrich run twice, packed and plain, and change nothing the second time", async () => {
  await using world = await openCliWorld();
  const log = await readFile(COWRIE_LOG_URL);
  const lines = decode(log).split("\n");
  await writeFile(world.dir.join("cowrie.json"), lines.slice(0, 1_500).join("\n"));
  await writeFile(world.dir.join("cowrie.json.gz"), gzipSync(log));
  const logs = [world.dir.join("cowrie.json"), world.dir.join("cowrie.json.gz")];
  const first = await world.run(["sessions", "import", ...logs, "--format", "json"]);
  assertEquals(first.code, 0, first.stderr);
  const second = await world.run(["sessions", "import", "-", "--format", "json"], { stdin: log });
  const report = JSON.parse(second.stdout);
  assertEquals([report.newSessions, report.changedSessions, report.newAddresses], [0, 0, 0]);
  const sums = await readRows<Record<string, number>>(
    world,
    `select count(*)::int as sessions, sum(login_attempts)::int as logins, sum(commands)::int as commands,
      sum(downloads)::int as downloads from sessions`,
  );
  const { sessions, logins, commands, downloads } = COWRIE_LOG_TOTALS;
  assertEquals(sums, [{ sessions, logins, commands, downloads }]);

  const enriched = await world.run(["sessions", "enrich", "--all", "--offline", "--format", "json"]);
  assertEquals(enriched.code, 0, enriched.stderr);
  const unknown = await world.run(["sessions", "enrich", "000000000000"]);
  assertEquals(unknown.code, 1, unknown.stderr);
  assertStringIncludes(unknown.stderr, 'Cannot enrich session "000000000000": it is unknown');
  assert(JSON.parse(enriched.stdout).snapshots > 0);
});
