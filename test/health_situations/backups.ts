import { assertEquals } from "@std/assert";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { formatBackupRun } from "@ipcascade/core";
import type { HealthWorld } from "../health_world.ts";
import { query, type Situation } from "./situation.ts";

const dirOf = (world: HealthWorld) => join(world.env.IPCASCADE_DATA_DIR!, "backups");

/** Makes a backup as the job does; gives its directory. */
async function backUp(world: HealthWorld): Promise<string> {
  const dir = dirOf(world);
  await rm(dir, { recursive: true, force: true });
  const { code, stderr } = await world.run(["backup", "create"]);
  assertEquals(code, 0, stderr);
  const checks = (await world.health()).checks;
  assertEquals(checks.get("backup")!.grade, "ok", checks.get("backup")!.message);
  return join(dir, (await readdir(dir)).find((name) => /^\d{8}-/.test(name))!);
}

const elsewhere = (actor: string, place: string) =>
  query(
    `update job_run set actor = '${actor}', message = '${
      formatBackupRun({ id: "20261126-010000-1a2b3c4d", place })
    }' where job = 'back-up'`,
  );

/** Backups that are not any more what their runs said of them, and those that can't be looked at from here. */
export const BACKUPS: readonly Situation[] = [
  {
    name: "somebody removed the newest backup",
    damage: async (world) => await rm(await backUp(world), { recursive: true }),
    check: "backup",
    grade: "critical",
    message: /^the newest backup is gone: \d{8}-\d{6}-[0-9a-f]{8} is not in .*backups any more$/,
    fix: "ipcascade backup create",
  },
  {
    name: "the disk of the backups is not mounted",
    damage: async (world) => {
      await backUp(world);
      await rm(dirOf(world), { recursive: true });
    },
    check: "backup",
    grade: "critical",
    message: /^the newest backup is gone: /,
    fix: "ipcascade backup create",
  },
  {
    name: "the newest backup turned out to be damaged",
    damage: async (world) => {
      await Deno.truncate(join(await backUp(world), "ip_inventory.copy.gz"), 10);
      assertEquals((await world.run(["backup", "verify"])).code, 4);
    },
    check: "backup",
    grade: "critical",
    message: /^the newest backup, .*(is not verified any more|is damaged|ip_inventory)/,
    fix: "ipcascade backup create",
  },
  {
    name: "the newest backup's manifest is damaged",
    damage: async (world) => await Deno.truncate(join(await backUp(world), "manifest.json"), 100),
    check: "backup",
    grade: "critical",
    message: /^the newest backup, .*, is damaged: .*manifest/,
    fix: "ipcascade backup create",
  },
  {
    name: "the newest backup was made on another machine",
    damage: elsewhere("op@honeypot-2", "/backups"),
    check: "backup",
    grade: "ok",
    message: /^the newest verified backup is .* UTC, made on "honeypot-2"$/,
    fix: null,
    mend: (world) => world.heal(),
  },
];
