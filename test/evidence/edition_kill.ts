import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import type { EditionStore } from "@ipcascade/core";
import { createFileEditionStore, createNodeClock } from "@ipcascade/platform";
import { DENO_RUN, fillBytes, installSet, openTempDir } from "@ipcascade/testkit";
import { Claims, type Evidence } from "./figures.ts";

const UPDATER = new URL("./edition_updater.ts", import.meta.url).pathname;
const MAX_RUN_MS = 150;

/**
 * Rounds of kill -9 against an updater of a directory of editions at random moments: one whole set serves, nothing
 * that was told to serve is lost, what was left is swept, and the next update works.
 */
export async function proveEditionKills(options: { readonly rounds: number }): Promise<Evidence> {
  const claims = new Claims();
  await using dir = await openTempDir();
  const store = createFileEditionStore({ dir: dir.path, clock: createNodeClock() });
  const totals = {
    generations: 0,
    leftovers: 0,
    roundsWithLeftovers: 0,
    completeBeforeSwitch: 0,
    readsMeanwhile: 0,
  };
  let last = 0;
  for (let round = 0; round < options.rounds; round++) {
    const told = await runAndKill(dir.path, last + 1, async () => {
      const wrong = await findWrong(store);
      // The updater may have removed the set between the two looks.
      if (wrong?.startsWith("Cannot read") !== true) claims.check(wrong === null, `while updating: ${wrong}`);
      totals.readsMeanwhile++;
    });
    const wrong = await findWrong(store);
    claims.check(wrong === null, `round ${round}: ${wrong}`);
    const serving = generationOf(await store.readCurrentId());
    claims.check(serving >= told, `round ${round}: generation ${told} was told to serve, ${serving} does`);
    const { failures } = await store.readState();
    claims.check(failures >= told, `round ${round}: the state is that of ${failures}, not of ${told}`);
    totals.generations += Math.max(0, serving - last);
    await using _lock = await store.lock("check");
    const left = await store.sweep();
    totals.leftovers += left;
    totals.roundsWithLeftovers += left > 0 ? 1 : 0;
    // Killed between the two steps, a set is complete and does not serve yet.
    const newest = Math.max(...(await store.listSets()).map(({ id }) => generationOf(id)));
    totals.completeBeforeSwitch += newest > serving ? 1 : 0;
    last = newest + 1;
    await checkNextUpdate(store, last, claims);
    const strange = await listStrange(dir.path);
    claims.check(strange.length === 0, `round ${round}: ${strange.join(", ")} is left`);
  }
  return {
    conditions:
      `${options.rounds} rounds of SIGKILL 0 to ${MAX_RUN_MS} ms after an updater begins, sets of 0.2 to 0.5 MB`,
    figures: { rounds: options.rounds, ...totals },
    broken: claims.broken,
  };
}

/** Lets an updater work for a while, looking meanwhile, and kills it. Gives the last generation that it told. */
async function runAndKill(dir: string, first: number, look: () => Promise<void>): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...DENO_RUN, UPDATER, dir, String(first)],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  const reading = (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) text += chunk;
  })();
  // The first generation shows that it is at work; rounds differ in what it does when it is killed.
  while (text === "") await pause(1);
  const killAt = performance.now() + Math.random() * MAX_RUN_MS;
  while (performance.now() < killAt) {
    await look();
    await pause(Math.min(2, killAt - performance.now()));
  }
  child.kill("SIGKILL");
  await child.status;
  await reading;
  return Number(text.split("\n").slice(0, -1).at(-1) ?? first - 1);
}

/** Says what is wrong with the set that serves; null when nothing is. */
async function findWrong(store: EditionStore): Promise<string | null> {
  try {
    const id = await store.readCurrentId();
    if (id === null) return "no set serves";
    const set = (await store.listSets()).find((other) => other.id === id);
    if (set === undefined) return `Cannot read ${id}: it is gone`;
    for (const { file, kind, sha256, size_bytes } of set.editions) {
      const bytes = await store.readEdition(id, file);
      if (bytes.length !== size_bytes || digest(bytes) !== sha256) {
        return `${file} of ${id} is not as installed`;
      }
      const expected = fillBytes(bytes.length, kind === "city" ? generationOf(id) : -generationOf(id));
      if (digest(expected) !== sha256) return `${file} of ${id} is of another generation`;
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function checkNextUpdate(store: EditionStore, generation: number, claims: Claims): Promise<void> {
  const id = `g${String(generation).padStart(8, "0")}`;
  await installSet(store, { id, city: fillBytes(10_000, generation), asn: fillBytes(1_000, -generation) });
  await store.switchTo(id);
  const wrong = await findWrong(store);
  claims.check(wrong === null && await store.readCurrentId() === id, `after the next update: ${wrong}`);
}

/** What is neither a file that belongs there nor one of a set. */
async function listStrange(dir: string): Promise<readonly string[]> {
  const names = await readdir(dir, { recursive: true });
  const expected =
    /^(current|lock|lock\/lock~.*|sets|sets\/\w+(\/(manifest\.json|GeoLite2-(City|ASN)\.mmdb))?|staging|state\.json)$/;
  return names.filter((name) => !expected.test(name) || /tmp|temporary|partial|\.part/i.test(name));
}

function generationOf(id: string | null): number {
  return id === null ? 0 : Number(id.slice(1));
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
