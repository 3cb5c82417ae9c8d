import process from "node:process";
import { putBackup } from "../../testkit/backup_place_contract.ts";
import { createBackupDirectory } from "../backup_directory.ts";
import { createNodeClock } from "../node_clock.ts";

/** Puts backups into a directory, marks, rewrites and removes them, until it is killed. Prints a line at each round. */
async function main(dir: string): Promise<void> {
  const place = createBackupDirectory({ dir, clock: createNodeClock() });
  await using _lock = await place.lock("write backups");
  await place.sweep();
  for (let round = 0;; round++) {
    const id = `20261126-010000-${String(process.pid).padStart(4, "0").slice(-4)}${
      String(round).padStart(4, "0")
    }`;
    await putBackup(place, id);
    await place.writeMark(id, `mark of ${id}\n`);
    await place.rewrite(id, `manifest of ${id}\n`, ["edition-GeoLite2-City.mmdb.gz"]);
    const ids = await place.listIds();
    if (ids.length > 3) await place.remove(ids.at(-1)!);
    console.log(id);
  }
}

await main(process.argv[2]!);
