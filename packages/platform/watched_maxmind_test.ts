import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type LogFields, parseAddress } from "@ipcascade/core";
import {
  buildEdition,
  damageEdition,
  type EditionOptions,
  FakeClock,
  installSet,
  openTempDir,
  type TempDir,
  writeEditionPair,
} from "@ipcascade/testkit";
import { createFileEditionStore } from "./edition_file_store.ts";
import { createNodeClock } from "./node_clock.ts";
import { openWatchedMaxmind, type WatchedMaxmind } from "./watched_maxmind.ts";

const ADDRESS = parseAddress("8.8.8.8")!;
const EDITION_IDS = ["GeoLite2-City", "GeoLite2-ASN"];

/** Editions of one generation: city and ASN of the address carry its number. */
function pairOf(generation: number): { readonly city: Uint8Array; readonly asn: Uint8Array } {
  const options: EditionOptions = {
    buildEpoch: 1_763_596_800 + generation,
    change: (entry) =>
      entry.address !== ADDRESS.text ? null : {
        ...entry,
        asn: { number: 1_000 + generation, org: `Org ${generation}` },
        city: {
          ...entry.city!,
          place: { ...entry.city!.place!, city: { geonameId: 1, names: { en: `City ${generation}` } } },
        },
      },
  };
  return { city: buildEdition("GeoLite2-City", options), asn: buildEdition("GeoLite2-ASN", options) };
}

function idOf(generation: number): string {
  return `20261125-041500-${String(generation).padStart(8, "0")}`;
}

interface World extends AsyncDisposable {
  readonly dir: TempDir;
  readonly logged: string[];
  readonly maxmind: WatchedMaxmind;
  install(generation: number, pair?: { readonly city: Uint8Array; readonly asn: Uint8Array }): Promise<void>;
  remove(generation: number): Promise<void>;
  /** The generation that answers, after checking that the whole answer is of one. */
  ask(): number;
}

async function openWorld(options: { readonly first?: number } = {}): Promise<World> {
  const dir = await openTempDir();
  const logged: string[] = [];
  const write = (level: string) => (message: string, fields?: LogFields) =>
    void logged.push(`${level} ${message} ${fields?.reason ?? ""}`);
  const log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const clock = createNodeClock();
  const store = createFileEditionStore({ dir: dir.path, clock });
  const install: World["install"] = async (generation, pair = pairOf(generation)) => {
    await using _lock = await store.lock("test");
    await installSet(store, { id: idOf(generation), ...pair });
    await store.switchTo(idOf(generation));
  };
  if (options.first !== undefined) await install(options.first);
  const maxmind = await openWatchedMaxmind({ store, editionIds: EDITION_IDS, log, clock, checkEveryMs: 0 });
  return {
    dir,
    logged,
    maxmind,
    install,
    remove: async (generation) => {
      await using _lock = await store.lock("test");
      await store.removeSet(idOf(generation));
    },
    ask: () => {
      const outcome = maxmind.lookUp(ADDRESS, "2026-11-25T00:00:00Z");
      assert(outcome.status === "hit", JSON.stringify(outcome));
      const { asn, asn_org, city, database_build } = outcome.data;
      const generation = asn! - 1_000;
      assertEquals([asn_org, city], [`Org ${generation}`, `City ${generation}`]);
      assertEquals(Date.parse(database_build), (1_763_596_800 + generation) * 1_000);
      assertEquals(maxmind.installed?.cityBuildEpoch, 1_763_596_800 + generation);
      return generation;
    },
    [Symbol.asyncDispose]: async () => {
      await maxmind[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

Deno.test("openWatchedMaxmind() answers from one set at a time across 200 switches, without an error", async () => {
  await using world = await openWorld({ first: 0 });
  let asked = 0;
  let isOver = false;
  const seen = new Set<number>();
  const hammer = async () => {
    while (!isOver) {
      for (let times = 0; times < 50; times++) seen.add(world.ask());
      asked += 50;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  };
  const switching = async () => {
    for (let generation = 1; generation <= 200; generation++) {
      await world.install(generation);
      await Promise.all([world.maxmind.check(), world.maxmind.check()]);
      assertEquals(world.ask(), generation);
      await world.remove(generation - 1);
    }
    isOver = true;
  };
  await Promise.all([hammer(), switching()]);
  assertEquals(world.logged.filter((line) => /^(error|warn)/.test(line)), []);
  assert(asked > 1_000 && seen.size > 100, `${asked} asked, ${seen.size} generations seen`);
});

Deno.test("openWatchedMaxmind() leaves the set before serving when the new one can't be opened, and says so once", async () => {
  await using world = await openWorld({ first: 1 });
  const { city, asn } = pairOf(2);
  await world.install(2, { city, asn: damageEdition(asn, "no_metadata") });
  for (let looks = 0; looks < 3; looks++) await world.maxmind.check();
  assertEquals(world.ask(), 1);
  assertStringIncludes(world.maxmind.fault ?? "", "metadata");
  assertEquals(world.logged.filter((line) => line.startsWith("error")).length, 1);
  await world.install(3);
  await world.maxmind.check();
  assertEquals([world.ask(), world.maxmind.fault], [3, null]);
});

Deno.test("openWatchedMaxmind() takes a first set over, and keeps the last one when nothing is installed any more", async () => {
  await using world = await openWorld();
  assertEquals(world.maxmind.installed, null);
  assertEquals(world.maxmind.lookUp(ADDRESS, "").status, "skipped");
  await world.install(1);
  await world.maxmind.check();
  assertEquals(world.ask(), 1);
  await Deno.remove(world.dir.join("current"));
  await world.maxmind.check();
  assertEquals(world.ask(), 1);
  assertStringIncludes(world.maxmind.fault ?? "", "nothing is installed");
});

Deno.test("openWatchedMaxmind() sees plain files that are replaced", async () => {
  await using world = await openWorld();
  for (const generation of [1, 2]) {
    const { city, asn } = pairOf(generation);
    await writeEditionPair(world.dir.path);
    await Deno.writeFile(world.dir.join("GeoLite2-City.mmdb"), city);
    await Deno.writeFile(world.dir.join("GeoLite2-ASN.mmdb"), asn);
    await world.maxmind.check();
    assertEquals(world.ask(), generation);
  }
});

Deno.test("openWatchedMaxmind() reads again what could not be read at the start", async () => {
  await using dir = await openTempDir();
  const clock = new FakeClock();
  const whole = createFileEditionStore({ dir: dir.path, clock });
  {
    await using _lock = await whole.lock("test");
    await installSet(whole, { id: idOf(1), ...pairOf(1) });
    await whole.switchTo(idOf(1));
  }
  let failures = 1;
  const store = new Proxy(whole, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const fails = name === "readEdition" && failures-- > 0;
        return fails ? Promise.reject(new Error("too many open files")) : value.apply(target, args);
      };
    },
  });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  await using maxmind = await openWatchedMaxmind({
    store,
    editionIds: EDITION_IDS,
    log,
    clock,
    checkEveryMs: 0,
  });
  assertEquals(maxmind.lookUp(ADDRESS, "").status, "failed");
  await maxmind.check();
  assertEquals(maxmind.fault, "too many open files", "it is left alone for a minute");
  await clock.advance(60_000);
  await maxmind.check();
  assertEquals([maxmind.lookUp(ADDRESS, "").status, maxmind.fault], ["hit", null]);
});

Deno.test("openWatchedMaxmind() looks by itself", async () => {
  await using dir = await openTempDir();
  const clock = createNodeClock();
  const store = createFileEditionStore({ dir: dir.path, clock });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  await using maxmind = await openWatchedMaxmind({
    store,
    editionIds: EDITION_IDS,
    log,
    clock,
    checkEveryMs: 5,
  });
  {
    await using _lock = await store.lock("test");
    await installSet(store, { id: idOf(1), ...pairOf(1) });
    await store.switchTo(idOf(1));
  }
  const deadline = performance.now() + 10_000;
  while (maxmind.installed === null && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(maxmind.installed?.asnBuildEpoch, 1_763_596_801);
});
