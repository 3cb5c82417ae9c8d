import type { JobEnd, JobSign, JobStart } from "@ipcascade/core";
import { assertEquals, assertRejects } from "@std/assert";
import { openTempDir } from "@ipcascade/testkit";
import { createSqlJobRuns, migrate } from "@ipcascade/store";
import { openMemoryPglite } from "../store/testing/databases.ts";
import { forgetSpooled, takeInSpooled, writeSpooled } from "./job_spool.ts";

const NOON = Date.UTC(2026, 10, 23, 12);
const DAY = 86_400_000;
const START: JobStart = {
  id: "00000000-0000-4000-8000-000000000001",
  job: "update-editions",
  trigger: "command",
  actor: "a@b",
  startedAt: NOON,
};
const END: JobEnd = {
  outcome: "succeeded",
  counts: { installed: 2 },
  error: null,
  message: null,
  endedAt: NOON + 9,
};

async function listDir(path: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name);
}

Deno.test("takeInSpooled() brings runs into the database and forgets those that ended", async () => {
  await using dir = await openTempDir();
  const spool = dir.join("runs");
  const sql = await openMemoryPglite();
  try {
    await migrate(sql);
    const runs = createSqlJobRuns(sql);
    assertEquals(await takeInSpooled(spool, runs, NOON), 0);
    await writeSpooled(spool, { start: START, sign: { at: NOON + 5 }, end: null });
    assertEquals(await takeInSpooled(spool, runs, NOON), 1);
    assertEquals((await runs.list({ limit: 1 }))[0]!.seenAt, NOON + 5);
    await writeSpooled(spool, { start: START, sign: null, end: END });
    assertEquals(await takeInSpooled(spool, runs, NOON), 1);
    assertEquals(await listDir(spool), []);
    const found = await runs.list({ limit: 9 });
    assertEquals(found.map(({ outcome, counts }) => [outcome, counts]), [["succeeded", { installed: 2 }]]);
  } finally {
    await sql.close();
  }
});

Deno.test("takeInSpooled() sets aside what is damaged, drops what was killed long ago, and leaves other files", async () => {
  await using dir = await openTempDir();
  const spool = dir.join("runs");
  const seen: string[] = [];
  const journal = {
    start: ({ id }: JobStart) => Promise.resolve(void seen.push(id)),
    sign: () => Promise.resolve(true),
    end: () => Promise.resolve(),
  };
  await writeSpooled(spool, { start: START, sign: null, end: null });
  await Deno.writeTextFile(`${spool}/half.json`, '{"start":{"id":');
  await Deno.writeTextFile(`${spool}/other.json`, "{}");
  await Deno.writeTextFile(`${spool}/notes.txt`, "mine");
  assertEquals(await takeInSpooled(spool, journal, NOON + 7 * DAY), 1);
  const rest = ["half.json.damaged", "notes.txt", "other.json.damaged"];
  assertEquals((await listDir(spool)).sort(), [`${START.id}.json`, ...rest]);
  assertEquals(await takeInSpooled(spool, journal, NOON + 7 * DAY + 1), 1);
  assertEquals([(await listDir(spool)).sort(), seen.length], [rest, 2]);
});

Deno.test("writeSpooled() and forgetSpooled() take no name that could lead elsewhere", async () => {
  await using dir = await openTempDir();
  const start = { ...START, id: "../../etc/passwd" };
  await assertRejects(() => writeSpooled(dir.path, { start, sign: null, end: null }), Error, "no UUID");
  await assertRejects(() => forgetSpooled(dir.path, start.id), Error, "no UUID");
});

Deno.test("takeInSpooled() makes no run look alive, and forgets one whose place another took", async () => {
  await using dir = await openTempDir();
  const spool = dir.join("runs");
  const signs: JobSign[] = [];
  let goesOn = true;
  const journal = {
    start: () => Promise.resolve(),
    sign: (_id: string, sign: JobSign) => Promise.resolve(signs.push(sign) > 0 && goesOn),
    end: () => Promise.resolve(),
  };
  await writeSpooled(spool, { start: START, sign: { at: NOON + 5 }, end: null });
  await takeInSpooled(spool, journal, NOON);
  assertEquals([signs, (await listDir(spool)).length], [[{ at: NOON + 5, isBelated: true }], 1]);
  goesOn = false;
  await takeInSpooled(spool, journal, NOON);
  assertEquals(await listDir(spool), []);
});
