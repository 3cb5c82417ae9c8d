import { readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { EMPTY_EDITION_STATE } from "@ipcascade/core";
import { fillBytes, installSet } from "../../testkit/edition_sets.ts";
import { createFileEditionStore } from "../edition_file_store.ts";
import { createNodeClock } from "../node_clock.ts";
import { listLeftovers } from "./edition_directory_place.ts";

// Meets a place for editions that fails: `edition_failures.ts DIR TASK`. Prints what it saw as JSON. `big` installs a
// set that doesn't fit; `full` leaves not a byte on the device before it writes; `locked-out` may not write.

const [dir, task] = [process.argv[2]!, process.argv[3]!];
const store = createFileEditionStore({ dir, clock: createNodeClock() });
const failures: string[] = [];

if (task === "locked-out") await meetLockedPlace();
else await meetFullPlace();
process.stdout.write(`${JSON.stringify({ failures, ...await look() })}\n`);
process.exit(0);

async function meetFullPlace(): Promise<void> {
  await using _lock = await store.lock("test");
  await installSet(store, { id: "first" });
  await store.switchTo("first");
  await store.writeState({ ...EMPTY_EDITION_STATE, failures: 1 });
  if (task === "big") await note(() => installSet(store, { id: "big", city: fillBytes(8_000_000, 1) }));
  if (task === "full") {
    const filler = join(dirname(dir), "filler");
    await installSet(store, { id: "second" });
    await writeFile(filler, fillBytes(8_000_000, 1)).catch(() => {});
    await note(() => installSet(store, { id: "third" }));
    await note(() => store.switchTo("second"));
    await note(() => store.writeState({ ...EMPTY_EDITION_STATE, failures: 2 }));
    await rm(filler);
    // Two disposed stagings and two replacements have left nothing to sweep.
    failures.push(`swept ${await store.sweep()}`);
  }
  await installSet(store, { id: "next" });
  await store.switchTo("next");
}

async function meetLockedPlace(): Promise<void> {
  await note(() => store.lock("test"));
  await note(() => store.writeState(EMPTY_EDITION_STATE));
}

async function note(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
    failures.push("it worked");
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    failures.push(`${code}: ${message.replaceAll(dir, "DIR").replace(/[0-9a-f-]{36}/, "STAGED")}`);
  }
}

async function look() {
  const current = await store.readCurrentId();
  const bytes = current === null ? null : await store.readEdition(current, "GeoLite2-City.mmdb");
  return {
    current,
    city: bytes === null ? null : new TextDecoder().decode(bytes),
    sets: (await store.listSets()).map(({ id }) => id).sort(),
    failureCount: (await store.readState()).failures,
    leftovers: await listLeftovers(dir),
    names: (await readdir(dir)).sort(),
  };
}
