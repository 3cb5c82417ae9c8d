import { assertEquals } from "@std/assert";
import { StoreError } from "@ipcascade/core";
import { createSqlJobRuns, migrate, type SqlClient } from "@ipcascade/store";
import { openTempDir } from "@ipcascade/testkit";
import { jobSpoolDir, openJobJournal, takeInRuns } from "./open_job_journal.ts";
import { openPgliteDatabase } from "./pglite_database.ts";
import { readSettings } from "./settings.ts";

const LOG = { debug() {}, info() {}, warn() {}, error() {} };
const START = {
  id: "00000000-0000-4000-8000-000000000001",
  job: "back-up",
  trigger: "http",
  actor: "a@b",
  startedAt: Date.UTC(2026, 10, 23, 12),
} as const;
const END = { outcome: "succeeded", counts: { rows: 1 }, error: null, message: null } as const;

Deno.test("openJobJournal() tells a borrowed database, and a file while that is away", async () => {
  await using dir = await openTempDir();
  const settings = readSettings({
    env: { IPCASCADE_DATA_DIR: dir.join("data") },
    flags: {},
    readFile: () => null,
  });
  const sql = await openPgliteDatabase(settings.dataDir);
  try {
    await migrate(sql);
    let isAway = false;
    const flaky: SqlClient = {
      ...sql,
      query: (...order) => isAway ? Promise.reject(new StoreError("away")) : sql.query(...order),
    };
    const { journal } = await openJobJournal(settings, LOG, { database: flaky });
    const runs = createSqlJobRuns(sql);
    await journal.start(START);
    assertEquals((await runs.find(START.id))!.actor, "a@b");
    assertEquals(await journal.sign(START.id, { at: START.startedAt + 1 }), true);
    isAway = true;
    assertEquals(await journal.sign(START.id, { at: START.startedAt + 2 }), true);
    assertEquals([...Deno.readDirSync(jobSpoolDir(settings))].length, 1);
    isAway = false;
    assertEquals(await journal.sign(START.id, { at: START.startedAt + 3 }), true);
    assertEquals([...Deno.readDirSync(jobSpoolDir(settings))], [], "what the record has is in no file");
    isAway = true;
    await journal.end(START.id, { ...END, endedAt: START.startedAt + 5_000 });
    assertEquals((await runs.find(START.id))!.outcome, null);
    await takeInRuns(sql, settings, LOG);
    const run = (await runs.find(START.id))!;
    assertEquals([run.outcome, run.counts, run.endedAt], ["succeeded", { rows: 1 }, START.startedAt + 5_000]);
    assertEquals([...Deno.readDirSync(jobSpoolDir(settings))], []);
  } finally {
    await sql.close();
  }
});

Deno.test("openJobJournal() tells a run that another one took its place", async () => {
  await using dir = await openTempDir();
  const env = { IPCASCADE_DATA_DIR: dir.join("data") };
  const settings = readSettings({ env, flags: {}, readFile: () => null });
  const sql = await openPgliteDatabase(settings.dataDir);
  try {
    await migrate(sql);
    const { journal } = await openJobJournal(settings, LOG, { database: sql });
    await journal.start(START);
    assertEquals(await journal.sign(START.id, { at: START.startedAt + 1 }), true);
    await createSqlJobRuns(sql).end(START.id, { ...END, outcome: "lost", endedAt: START.startedAt + 2 });
    assertEquals(await journal.sign(START.id, { at: START.startedAt + 3 }), false);
  } finally {
    await sql.close();
  }
});
