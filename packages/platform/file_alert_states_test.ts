import { readdir, writeFile } from "node:fs/promises";
import type { AlertHandOver, AlertObservation } from "@ipcascade/core";
import { assertEquals, assertRejects } from "@std/assert";
import { ALERT_STATES_CONTRACT } from "../store/testing/alert_states_contract.ts";
import { NOON } from "../store/testing/rows.ts";
import { runContract } from "../testkit/contract.ts";
import { openTempDir } from "../testkit/temp_dir.ts";
import { alertFile } from "./alert_files.ts";
import { createFileAlertStates } from "./file_alert_states.ts";

const SEEN: AlertObservation = {
  key: "quota",
  grade: "unknown",
  title: "it is not known what is left",
  message: "the ledger can't be read",
  fix: null,
  at: NOON,
};

/** A memory in files beside which another one notes what it is handed. */
async function openWorld() {
  const dir = await openTempDir();
  const path = dir.join("data", "alerts");
  const states = createFileAlertStates(path);
  const adopted: AlertHandOver[] = [];
  const tell = async (fields: Partial<AlertObservation> = {}, claimMs = 60_000) => {
    const observation = { ...SEEN, ...fields };
    const turn = await states.take("mail", observation, { now: observation.at, claimMs });
    if (turn.status !== "taken") return turn.status;
    if (claimMs > 0) {
      await states.end(turn.claim, { now: observation.at, told: turn.state.grade, failure: null });
    }
    return turn.kind;
  };
  const handOver = (notifier = "mail") =>
    states.handOver(notifier, { adopt: (told) => Promise.resolve(void adopted.push(told)) });
  return {
    dir: path,
    states,
    tell,
    handOver,
    adopted,
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

Deno.test("createFileAlertStates() does what every memory of alerts does", async (t) => {
  await using dir = await openTempDir();
  let count = 0;
  await runContract(
    t,
    ALERT_STATES_CONTRACT,
    () => Promise.resolve(createFileAlertStates(dir.join(`${count++}`))),
  );
});

Deno.test("handOver() gives what was told, once, and forgets it", async () => {
  await using world = await openWorld();
  await world.handOver();
  assertEquals([await world.tell(), await world.tell({ at: NOON + 1 })], ["fire", "told"]);
  await world.handOver("webhook");
  assertEquals(world.adopted, [], "each notifier by itself");
  await world.handOver();
  await world.handOver();
  assertEquals(
    world.adopted.map(({ key, toldGrade, toldAt, isUncertain }) => [key, toldGrade, toldAt, isUncertain]),
    [
      ["quota", "unknown", NOON, false],
    ],
  );
  assertEquals(await world.states.list(9), []);
});

Deno.test("handOver() leaves what is being told, and gives what a killed sender left as uncertain", async () => {
  await using world = await openWorld();
  await world.states.take("mail", SEEN, { now: NOON, claimMs: 60_000 });
  await world.handOver();
  assertEquals([world.adopted.length, (await world.states.list(9)).length], [0, 1]);
  await world.tell({ key: "left" }, 0);
  await world.handOver();
  assertEquals(world.adopted.map(({ key, isUncertain }) => [key, isUncertain]), [["left", true]]);
});

Deno.test("handOver() forgets nothing when the other memory takes nothing", async () => {
  await using world = await openWorld();
  await world.tell();
  const away = { adopt: () => Promise.reject(new Error("the database is gone")) };
  await assertRejects(() => world.states.handOver("mail", away), Error, "gone");
  assertEquals((await world.states.list(9)).length, 1);
});

Deno.test("a damaged file loses nothing but what it remembers", async () => {
  await using world = await openWorld();
  await world.tell();
  for (const text of ["", "{", "null", '{"record":{},"claim":null}']) {
    await writeFile(alertFile(world.dir, "mail", "quota"), text);
    assertEquals([text, await world.tell({ at: NOON + 1 })], [text, "fire"]);
  }
  assertEquals((await readdir(world.dir)).sort(), ["lock", "quota@mail.json"], "nothing is left behind");
});

Deno.test("what is well, as it always was, is not written down", async () => {
  await using world = await openWorld();
  assertEquals(await world.tell({ grade: "ok" }), "told");
  assertEquals(await readdir(world.dir), ["lock"]);
});

Deno.test("two memories in one directory give one of them the right", async () => {
  await using world = await openWorld();
  const other = createFileAlertStates(world.dir);
  const turns = await Promise.all(
    [world.states, other].map((states) => states.take("mail", SEEN, { now: NOON, claimMs: 60_000 })),
  );
  assertEquals(turns.map(({ status }) => status).sort(), ["elsewhere", "taken"]);
});

Deno.test("a directory that can't be written is said by an error", async () => {
  await using dir = await openTempDir();
  await writeFile(dir.join("data"), "a plain file");
  const states = createFileAlertStates(dir.join("data", "alerts"));
  await assertRejects(() => states.take("mail", SEEN, { now: NOON, claimMs: 1 }), Error);
  await states.handOver("mail", { adopt: () => Promise.reject(new Error("nothing is there")) });
});
