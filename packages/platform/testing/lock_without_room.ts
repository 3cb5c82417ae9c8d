import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { Log } from "@ipcascade/core";
import { createBackupDirectory } from "../backup_directory.ts";
import { createNodeClock } from "../node_clock.ts";

// Fills a small disk that has a backup, and removes the backup. Arguments: the directory; the name of a holder's file.
const [dir = "", holder = ""] = process.argv.slice(2);
const told: unknown[] = [];
const log = { debug() {}, info() {}, warn: (text: string) => void told.push(text), error() {} } as Log;
const ID = "20261101-010000-00000001";
const place = createBackupDirectory({ dir, clock: createNodeClock(), log });
{
  await using _lock = await place.lock("back up");
  await using staging = await place.stage(ID);
  await (await staging.openFile("sessions.copy.gz")).close();
  await staging.commit("{}\n");
}
if (holder !== "") await writeFile(join(dir, ".lock", holder), "held\n");
await writeFile(join(dir, "big"), new Uint8Array(3_000_000)).catch(() => {});
const attempt = async (isMakingRoom: boolean) => {
  try {
    await using _lock = await place.lock("prune backups", { isMakingRoom });
    await place.remove(ID);
    return "done";
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};
const failures = [await attempt(false), await attempt(true)];
console.log(JSON.stringify({ failures, told, left: await place.listIds() }));
