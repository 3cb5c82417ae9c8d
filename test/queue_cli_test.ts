import { assert, assertEquals } from "@std/assert";
import { COWRIE_ADDRESSES, COWRIE_LOG_URL } from "@ipcascade/testkit";
import { type CliWorld, openCliWorld, readRecords, spawnCli } from "./run_cli.ts";

async function readJobs(world: CliWorld): Promise<Record<string, unknown>> {
  const { code, stdout } = await world.run(["jobs", "status", "--format", "json"]);
  assertEquals(code, 0);
  return JSON.parse(stdout);
}

Deno.test("what one process queues another one works off, on the embedded database", async () => {
  await using world = await openCliWorld();
  const addresses = COWRIE_ADDRESSES.slice(0, 12);
  const queued = await world.run(["enrich", "--queue", "-", "--batch-size", "5", "--format", "json"], {
    stdin: `${addresses.join("\n")}\nnonsense\n192.168.0.1\n`,
  });
  assertEquals(queued.code, 3);
  const { inputs, invalid, local, batches } = JSON.parse(queued.stdout);
  assertEquals([inputs, invalid, local, batches], [14, 1, 1, 3]);
  assert(queued.stderr.includes('Cannot read "nonsense" as an IP address'), queued.stderr);
  assert(queued.stderr.includes("line 13"), queued.stderr);
  assertEquals(world.lab.requests.greynoiseRequests, 0);

  const before = await world.run(["jobs", "status"]);
  assert(before.stdout.startsWith("Batches: 3 waiting"), before.stdout);
  const worked = await world.run(["work", "--drain", "--format", "json"]);
  assertEquals(worked.code, 0, worked.stderr);
  const report = JSON.parse(worked.stdout);
  assertEquals([report.operation, report.batches, report.addresses], ["work-queue", 3, 12]);

  const { waiting, active, completed, dead } = await readJobs(world);
  assertEquals([waiting, active, completed, dead], [0, 0, 3, 0]);
  const again = await world.run(["enrich", ...addresses, "--format", "ndjson"]);
  const records = readRecords(again);
  assertEquals(records.filter((one) => "from_inventory" in one && one.from_inventory).length, 12);
});

Deno.test("sessions import --queue queues the addresses that it brought", async () => {
  await using world = await openCliWorld();
  const imported = await world.run(["sessions", "import", "--queue", "--offline", COWRIE_LOG_URL.pathname]);
  assertEquals(imported.code, 0, imported.stderr);
  assert(/320 new[\s\S]*160 addresses queued in 1 batch/.test(imported.stderr), imported.stderr);
  const worked = await world.run(["work", "--drain"]);
  assertEquals(worked.code, 0, worked.stderr);
  assert(worked.stderr.includes("1 batch, 160 addresses done"), worked.stderr);
  assertEquals(world.lab.requests.greynoiseRequests, 0, "--offline goes with the batch");
});

Deno.test("work ends with 143 at SIGTERM and gives back what is not done", async () => {
  await using world = await openCliWorld();
  await world.run(["enrich", "--queue", ...COWRIE_ADDRESSES.slice(0, 120)]);
  const child = spawnCli(["work", "--format", "json"], world.env);
  while (world.lab.requests.greynoiseRequests === 0) await pause();
  child.kill("SIGTERM");
  const { code, stdout, stderr } = await child.output();
  const said = new TextDecoder().decode(stderr);
  assertEquals(code, 143, said);
  assert(said.includes("giving the rest back"), said);
  const report = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals([report.given_back, report.batches, report.stopped], [1, 0, true]);
  const { waiting, retrying, active } = await readJobs(world);
  assertEquals([waiting, retrying, active], [1, 0, 0]);
});

Deno.test("work and jobs give JSON also when the database is away", async () => {
  await using world = await openCliWorld({ editions: false });
  const env = { DATABASE_URL: "postgres://op@127.0.0.1:1/none" };
  const cases: readonly [args: string[], operation: string][] = [
    [["work", "--drain"], "work-queue"],
    [["jobs", "status"], "queue-status"],
    [["jobs"], "list-jobs"],
    [["jobs", "retry"], "retry-dead-letters"],
    [["jobs", "drop", "--yes"], "drop-dead-letters"],
  ];
  for (const [args, operation] of cases) {
    const { code, stdout, stderr } = await world.run([...args, "--format", "json"], { env });
    assertEquals(code, 1, stderr);
    const report = JSON.parse(stdout);
    assertEquals([report.operation, report.status, report.error.code], [operation, "failed", "STORE_FAILED"]);
    assert(stderr.includes(report.error.message), stderr);
  }
});

Deno.test("enrich --queue says of a file that is missing that there is none", async () => {
  await using world = await openCliWorld({ editions: false });
  const { code, stderr } = await world.run(["enrich", "--queue", world.dir.join("missing.txt")]);
  assertEquals(code, 1);
  assert(stderr.includes('missing.txt": there is no such file'), stderr);
});

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

Deno.test("the queue's commands refuse what makes no sense", async () => {
  await using world = await openCliWorld({ editions: false });
  const cases: readonly [args: string[], part: string][] = [
    [["enrich", "--queue", "--refresh", "8.8.8.8"], "--refresh with --queue"],
    [["enrich", "--queue", "--format", "csv", "8.8.8.8"], "allowed are table, json"],
    [["enrich", "--queue", "--batch-size", "0", "8.8.8.8"], "from 1 to 10000"],
    [["sessions", "enrich", "--queue", "--all"], "--queue with sessions enrich"],
    [["jobs", "nonsense"], "allowed are list, next, history, status, retry, drop, run"],
    [["jobs", "drop"], "give --yes"],
    [["jobs", "retry", "--yes"], "--yes with jobs retry"],
    [["work", "--concurrency", "0"], "from 1 to 32"],
  ];
  for (const [args, part] of cases) {
    const { code, stdout, stderr } = await world.run(args);
    assertEquals([code, stdout], [2, ""], args.join(" "));
    assert(stderr.includes(part), `${args.join(" ")}: ${stderr}`);
  }
});
