import { EMPTY_EDITION_STATE } from "@ipcascade/core";
import { createFileEditionStore, createNodeClock } from "@ipcascade/platform";
import { fillBytes, installSet } from "@ipcascade/testkit";

// Updates a directory of editions without end: `edition_updater.ts DIR GENERATION`. Each set's files are made from its
// generation. Prints a generation once it serves.

const [dir, first] = [Deno.args[0]!, Number(Deno.args[1])];
const store = createFileEditionStore({ dir, clock: createNodeClock() });
for (let generation = first;; generation++) {
  await using _lock = await store.lock("update");
  await store.sweep();
  const id = `g${String(generation).padStart(8, "0")}`;
  await installSet(store, {
    id,
    city: fillBytes(100_000 + generation % 7 * 50_000, generation),
    asn: fillBytes(50_000 + generation % 5 * 10_000, -generation),
    writeSize: 65_536,
  });
  await store.switchTo(id);
  await store.writeState({ ...EMPTY_EDITION_STATE, failures: generation });
  console.log(generation);
  const serving = await store.readCurrentId();
  for (const set of (await store.listSets()).slice(2)) {
    if (set.id !== serving) await store.removeSet(set.id);
  }
}
