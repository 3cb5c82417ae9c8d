import { openPostgresServer, openTempDir } from "@ipcascade/testkit";
import postgres from "postgres";
import { runCli, spawnCli } from "../run_cli.ts";
import { Claims, type Evidence, finish } from "./figures.ts";
import { writeAsnEdition } from "./overlap.ts";

/** How much is queued. */
export interface QueueLoad {
  /** A multiple of 1 000, the size of a batch. */
  readonly addresses: number;
  readonly workers: number;
  /** Lets leases and pauses pass in no time: the short form. */
  readonly isHurried: boolean;
}

interface World {
  readonly env: Readonly<Record<string, string>>;
  readonly sql: postgres.Sql;
  readonly claims: Claims;
  readonly load: QueueLoad;
}

/**
 * Workers share a queue and one is killed with -9 over a batch: every address is stored, once, nothing is a dead
 * letter. A batch that the database refuses becomes one with its error; the others are done, and later it too.
 */
export async function proveQueueWork(load: QueueLoad): Promise<Evidence> {
  const claims = new Claims();
  await using dir = await openTempDir();
  await writeAsnEdition(dir.join("GeoLite2-ASN.mmdb"), 25);
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  const env = { DATABASE_URL: url, GEOIPUPDATE_DB_DIR: dir.path, IPCASCADE_DATA_DIR: dir.join("data") };
  const sql = postgres(url, { max: 2, onnotice: () => {} });
  try {
    const world = { env, sql, claims, load };
    const figures = { ...await shareAndKill(world), ...await poisonOne(world) };
    const pace = load.isHurried ? "leases and pauses cut short" : "leases and pauses as they are";
    return {
      conditions:
        `${load.addresses} addresses in batches of 1000, ${load.workers} worker processes, offline, ` +
        `PostgreSQL, ${pace}`,
      figures,
      broken: claims.broken,
    };
  } finally {
    await sql.end();
  }
}

async function shareAndKill({ env, sql, claims, load }: World): Promise<Record<string, number | string>> {
  const queued = await queueRange(`5.0.0.0-${addressAt(load.addresses - 1)}`, env, claims);
  const started = performance.now();
  const workers = Array.from(
    { length: load.workers },
    () => spawnCli(["work", "--drain", "--format", "json"], env),
  );
  const ends = workers.map((worker) => finish(worker));
  const victim = await killOverBatch(workers, sql);
  const killed = performance.now();
  const held = await listHeld(victim, sql);
  if (load.isHurried) await expire(held, sql);
  await waitUntil(async () => (await listHeld(victim, sql)).length === 0);
  const backS = (performance.now() - killed) / 1_000;
  const hurrying = load.isHurried ? setInterval(() => void hurry(sql), 200) : undefined;
  const survivors = (await Promise.all(ends)).filter((_, index) => workers[index] !== victim);
  clearInterval(hurrying);
  const seconds = (performance.now() - started) / 1_000;
  for (const { code, stderr } of survivors) {
    claims.check(code === 0, `a worker ended with ${code}: ${stderr.slice(-300)}`);
  }
  const [counts] = await sql`select count(*) filter (where state = 'completed')::int as done,
    count(*) filter (where state <> 'completed')::int as undone from ipcascade_queue.job`;
  claims.check(counts?.done === queued.batches, `${counts?.done} of ${queued.batches} batches are done`);
  claims.check(counts?.undone === 0, `${counts?.undone} batches are left or dead`);
  const [rows] = await sql`select count(*)::int as stored, count(asn_number)::int as with_asn,
    count(*) filter (where revision > 1)::int as twice from ip_inventory`;
  claims.check(rows?.stored === load.addresses, `${rows?.stored} rows for ${load.addresses} addresses`);
  claims.check(rows?.with_asn === load.addresses, `${rows?.with_asn} rows have an ASN`);
  claims.check(rows?.twice === 0, `${rows?.twice} rows were written twice`);
  return {
    queuedPerSecond: Math.round(load.addresses / (queued.elapsed_ms / 1_000)),
    batches: queued.batches,
    batchesOfSurvivors: survivors.map(({ stdout }) => JSON.parse(stdout).batches).join(" + "),
    seconds: seconds.toFixed(1),
    lostBatches: held.length,
    secondsUntilTheyCameBack: backS.toFixed(1),
  };
}

async function poisonOne({ env, sql, claims, load }: World): Promise<Record<string, number | string>> {
  const batches = 10;
  const from = 100 * 65_536;
  await sql.unsafe(`create function poison() returns trigger language plpgsql as $$ begin
    if new.ip_address = '${addressAt(from + 4_567)}' then raise exception 'this address is poisoned'; end if;
    return new; end $$`);
  await sql`create trigger poison before insert on ip_inventory for each row execute function poison()`;
  await queueRange(`${addressAt(from)}-${addressAt(from + batches * 1_000 - 1)}`, env, claims);
  const hurrying = load.isHurried ? setInterval(() => void hurry(sql), 200) : undefined;
  const started = performance.now();
  const worker = await runCli(["work", "--drain", "--format", "json"], { env });
  clearInterval(hurrying);
  const seconds = (performance.now() - started) / 1_000;
  claims.check(worker.code === 3, `a worker with a dead letter ended with ${worker.code}`);
  const report = JSON.parse(worker.stdout || "{}");
  const tries = [report.batches, report.failed_tries, report.dead].join(", ");
  claims.check(tries === `${batches - 1}, 2, 1`, `done, failed and dead are ${tries}`);
  const jobs = JSON.parse((await runCli(["jobs", "status", "--format", "json"], { env })).stdout);
  const [letter] = jobs.dead_letters;
  claims.check(jobs.dead === 1 && letter.addresses === 1_000, `dead letters: ${JSON.stringify(jobs)}`);
  claims.check(letter?.error.includes("this address is poisoned"), `its error is "${letter?.error}"`);
  await sql`drop function poison() cascade`;
  const retried = await runCli(["jobs", "retry"], { env });
  claims.check(retried.code === 0, `jobs retry ended with ${retried.code}`);
  const mended = await runCli(["work", "--drain"], { env });
  claims.check(mended.code === 0, `the mended batch ended with ${mended.code}: ${mended.stderr.slice(-300)}`);
  const [rows] = await sql`select count(*)::int as count from ip_inventory where ip_address >= ${
    addressAt(from)
  }::inet`;
  claims.check(
    rows?.count === batches * 1_000,
    `${rows?.count} of ${batches * 1_000} are stored after the repair`,
  );
  const [dead] = await sql`select count(*)::int as count from ipcascade_queue.job where name = 'enrich-dead'`;
  claims.check(dead?.count === 0, `${dead?.count} dead letters are left`);
  return { deadLetterError: letter?.error ?? "none", secondsUntilDead: seconds.toFixed(1) };
}

async function queueRange(
  range: string,
  env: World["env"],
  claims: Claims,
): Promise<{ readonly batches: number; readonly elapsed_ms: number }> {
  const { code, stdout, stderr } = await runCli(
    ["enrich", "--queue", "--offline", range, "--format", "json"],
    {
      env,
    },
  );
  claims.check(code === 0, `queueing ended with ${code}: ${stderr.slice(-300)}`);
  return JSON.parse(stdout);
}

/** Kills a worker that certainly holds a batch: it is stopped first, then looked at. */
async function killOverBatch(
  workers: readonly Deno.ChildProcess[],
  sql: postgres.Sql,
): Promise<Deno.ChildProcess> {
  while (true) {
    const [done] =
      await sql`select count(*)::int as count from ipcascade_queue.job where state = 'completed'`;
    for (const worker of done!.count < 3 ? [] : workers) {
      worker.kill("SIGSTOP");
      // What was on its way when the worker stopped has arrived then.
      await pause(50);
      if ((await listHeld(worker, sql)).length > 0) {
        worker.kill("SIGKILL");
        await worker.status;
        return worker;
      }
      worker.kill("SIGCONT");
    }
    await pause(10);
  }
}

/** The batches in one worker's hands. */
async function listHeld({ pid }: Deno.ChildProcess, sql: postgres.Sql): Promise<readonly string[]> {
  const rows = await sql<{ id: string }[]>`select id from ipcascade_queue.job where state = 'active'
    and output ->> 'worker' like ${`process ${pid} on %`}`;
  return rows.map(({ id }) => id);
}

async function expire(batches: readonly string[], sql: postgres.Sql): Promise<void> {
  await sql`update ipcascade_queue.job set started_on = started_on - interval '1 minute'
    where id = any(${batches}::uuid[])`;
}

async function hurry(sql: postgres.Sql): Promise<void> {
  await sql`update ipcascade_queue.job set start_after = now() where state = 'retry' and start_after > now()`
    .catch(() => {});
}

async function waitUntil(isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !await isTrue(); tries++) {
    if (tries === 2_400) throw new Error("Cannot go on: what was waited for did not come within two minutes");
    await pause(50);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The address that so many come before in 5.0.0.0/8. */
function addressAt(index: number): string {
  return `5.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}
