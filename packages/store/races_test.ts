import { assertEquals, assertGreater } from "@std/assert";
import { takeTrial } from "@ipcascade/core";
import { DENO_RUN } from "../testkit/deno_run.ts";
import { openPostgresServer } from "../testkit/postgres_server.ts";
import { createSqlCircuitStore } from "./circuit_store.ts";
import { migrate } from "./migrate.ts";
import type { SqlClient } from "./sql_client.ts";
import { connectServer } from "./testing/databases.ts";
import { readNextAt, setNextAt } from "./testing/rate_cases.ts";
import { findMiscounts } from "./testing/recount.ts";
import { NOON } from "./testing/rows.ts";

const RACER = new URL("./testing/racer.ts", import.meta.url).pathname;

Deno.test("several processes at once neither lose nor double anything", async (t) => {
  await using server = await openPostgresServer();
  await t.step("reserve() grants exactly the limit to 8 processes", async () => {
    const url = await openDatabase(server);
    const results = await race(url, Array.from({ length: 8 }, () => ["reserve", 60]));
    const kept = results.reduce((sum, result) => sum + result.kept!, 0);
    assertEquals(kept, 1_000);
  });
  await t.step("takeSlots() gives no slot to two of 6 processes", async () => {
    const url = await openDatabase(server);
    await using sql = openClient(url);
    await setNextAt(sql.client, "1 minute");
    const before = await readNextAt(sql.client);
    const results = await race(url, Array.from({ length: 6 }, () => ["slots", 60]));
    const slots = results.reduce((sum, result) => sum + result.slots!, 0);
    assertEquals(await readNextAt(sql.client) - before, slots * 100);
  });
  await t.step(
    "changeCircuit() adds up the failures of 6 processes and gives one of them the trial",
    async () => {
      const url = await openDatabase(server);
      await using sql = openClient(url);
      const circuits = createSqlCircuitStore(sql.client);
      await circuits.changeCircuit(
        "greynoise",
        (state) => ({ ...state, failures: 5, trips: 1, openUntil: NOON }),
      );
      const results = await race(url, Array.from({ length: 6 }, () => ["circuit", 30]));
      assertEquals((await circuits.readCircuit("cymru")).failures, 6 * 30);
      assertEquals(results.reduce((sum, result) => sum + result.trials!, 0), 1);
      // Whoever took the trial has ended without a word: it is anybody's again when its time is over.
      const takeAt = (now: number) =>
        circuits.changeCircuit("greynoise", (state) => takeTrial(state, { now, trialMs: 60_000 }));
      const [early, late] = [await takeAt(NOON + 59_999), await takeAt(NOON + 60_000)];
      assertEquals([early.after === early.before, late.after.trialUntil], [true, NOON + 120_000]);
    },
  );
  await t.step("begin() never begins a second run beside one of 6 processes, and one for a key", async () => {
    const url = await openDatabase(server);
    const results = await race(url, Array.from({ length: 6 }, () => ["begin", 30]));
    const sum = (field: string) => results.reduce((total, result) => total + result[field]!, 0);
    assertEquals([sum("doubled"), sum("keyed")], [0, 1]);
    assertGreater(sum("begun"), 6);
    await using sql = openClient(url);
    const [row] = await sql.client.query<{ runs: number }>(
      "select count(*)::int as runs from job_run where job = 'back-up'",
    );
    assertEquals(row!.runs, sum("begun"));
  });
  await t.step("saveMany() and importFragments() keep every change of 6 processes", async () => {
    const url = await openDatabase(server);
    const tasks = [...Array.from({ length: 4 }, () => ["save", 25]), ["import", 25], ["import", 25]];
    const results = await race(url, tasks as [string, number][]);
    await checkInventory(url, results);
  });
});

type Result = Readonly<Record<string, number>>;

async function race(url: string, tasks: readonly (readonly (string | number)[])[]): Promise<Result[]> {
  const outputs = tasks.map(([task, rounds], index) =>
    new Deno.Command(Deno.execPath(), {
      args: [...DENO_RUN, RACER, url, String(task), String(rounds), String(index + 1)],
      stderr: "inherit",
    }).output()
  );
  return (await Promise.all(outputs)).map(({ code, stdout }) => {
    assertEquals(code, 0);
    return JSON.parse(new TextDecoder().decode(stdout));
  });
}

function openClient(url: string): AsyncDisposable & { readonly client: SqlClient } {
  const client = connectServer(url, 1);
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

async function openDatabase(server: { createDatabase(): Promise<string> }): Promise<string> {
  const url = await server.createDatabase();
  const sql = connectServer(url, 1);
  await migrate(sql);
  await sql.close();
  return url;
}

async function checkInventory(url: string, results: readonly Result[]): Promise<void> {
  const sum = (field: string) => results.reduce((total, result) => total + (result[field] ?? 0), 0);
  const sql = connectServer(url, 1);
  try {
    const [totals] = await sql.query(
      `select sum((enrichment #>> '{maxmind,accuracy_radius}')::int)::int as written,
        sum(revision)::int as revisions, sum(observation_count)::int as observed,
        (select count(*)::int from sessions) as sessions,
        (select count(*)::int from ip_asn_history where valid_to is not null) as moves,
        (select deadlocks::int from pg_stat_database where datname = current_database()) as deadlocks
      from ip_inventory`,
    );
    const written = sum("written");
    const sessions = sum("newSessions");
    assertEquals(totals, {
      written,
      revisions: written,
      observed: sessions,
      sessions,
      moves: sum("moves"),
      deadlocks: 0,
    });
    assertEquals([written, sum("conflicts") > 0], [4 * 25 * 60, true]);
    assertGreater(sessions, 0);
    assertEquals(await findMiscounts(sql), []);
  } finally {
    await sql.close();
  }
}
