import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { isEditionSetId } from "@ipcascade/core";
import type { EditionPlace } from "../../testkit/edition_place.ts";
import { createFileEditionStore } from "../edition_file_store.ts";
import { createNodeClock } from "../node_clock.ts";

/** A directory of editions for the contract. */
export function createDirectoryPlace(dir: string): EditionPlace {
  return {
    open: () => createFileEditionStore({ dir, clock: createNodeClock() }),
    owner: `this process (${process.pid}) holds their lock`,
    damageManifest: (setId) => writeFile(join(dir, "sets", setId, "manifest.json"), '{"format": 1, "id'),
    damageState: () => writeFile(join(dir, "state.json"), "\0\0\0"),
    abandonStaging: async (setId) => {
      await mkdir(join(dir, "staging", setId), { recursive: true });
      await writeFile(join(dir, "staging", setId, "GeoLite2-City.mmdb"), "cut");
    },
    listLeftovers: () => listLeftovers(dir),
  };
}

/** What lies in a directory of editions besides complete sets and the files that belong there. */
export async function listLeftovers(dir: string): Promise<readonly string[]> {
  const expected = ["current", "lock", "sets", "staging", "state.json"];
  const names = (await readdir(dir)).filter((name) => !expected.includes(name));
  for (const name of await readdir(join(dir, "staging"))) names.push(`staging/${name}`);
  for (const name of await readdir(join(dir, "sets"))) {
    const files = await readdir(join(dir, "sets", name));
    if (!isEditionSetId(name) || !files.includes("manifest.json")) names.push(`sets/${name}`);
  }
  return names;
}
