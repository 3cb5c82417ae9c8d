import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DAY, type HealthWorld, publish } from "../health_world.ts";
import type { Situation } from "./situation.ts";

/** The command that mends most of it. */
export const UPDATE = "ipcascade editions update";
const RECOVER = "ipcascade editions recover";

async function currentSet({ editionDir }: HealthWorld): Promise<string> {
  return join(editionDir, "sets", (await readFile(join(editionDir, "current"), "utf8")).trim());
}

/** Editions that are missing, damaged, old or past their licence. */
export const EDITIONS: readonly Situation[] = [
  {
    name: "the ASN file is deleted",
    damage: async (world) => await rm(join(await currentSet(world), "GeoLite2-ASN.mmdb")),
    check: "edition_asn",
    grade: "critical",
    message: /GeoLite2-ASN: Cannot read ".*": there is no such file/,
    fix: RECOVER,
  },
  {
    name: "a byte of the City edition flips",
    damage: async (world) => {
      const path = join(await currentSet(world), "GeoLite2-City.mmdb");
      const bytes = await readFile(path);
      bytes[bytes.length >> 1]! ^= 1;
      await writeFile(path, bytes);
    },
    check: "edition_city",
    grade: "critical",
    message: /has changed since it was installed/,
    fix: RECOVER,
  },
  {
    name: "no edition is installed",
    damage: async (world) => await rm(world.editionDir, { recursive: true }),
    check: "edition_city",
    grade: "critical",
    message: /GeoLite2-City: not installed/,
    fix: UPDATE,
  },
  {
    name: "the set that serves is named by nobody",
    damage: async (world) => await rm(join(world.editionDir, "current")),
    check: "edition_asn",
    grade: "critical",
    message: /not installed/,
    fix: UPDATE,
  },
  {
    name: "geoipupdate left the City edition alone",
    damage: async (world) => {
      const bytes = await readFile(join(await currentSet(world), "GeoLite2-City.mmdb"));
      await rm(world.editionDir, { recursive: true });
      await Deno.mkdir(world.editionDir);
      await writeFile(join(world.editionDir, "GeoLite2-City.mmdb"), bytes);
    },
    check: "edition_asn",
    grade: "critical",
    message: /not installed/,
    fix: UPDATE,
  },
  {
    name: "the builds are 8 days old",
    damage: async (world) => {
      await world.installEditions(8);
      publish(world.lab, 1);
    },
    check: "edition_city",
    grade: "info",
    message: /update soon, built 8 days ago/,
    fix: UPDATE,
  },
  {
    name: "the builds are 15 days old",
    damage: async (world) => {
      await world.installEditions(15);
      publish(world.lab, 1);
    },
    check: "edition_asn",
    grade: "warning",
    message: /outdated, built 15 days ago/,
    fix: UPDATE,
  },
  {
    name: "the licence of the builds is over",
    damage: async (world) => {
      await world.installEditions(35);
      const path = join(world.editionDir, "state.json");
      const state = JSON.parse(await readFile(path, "utf8"));
      const { editions } = JSON.parse(await readFile(join(await currentSet(world), "manifest.json"), "utf8"));
      const at = new Date(Date.now() - 31 * DAY).toISOString();
      state.superseded = editions.map(({ sha256 }: { sha256: string }) => ({ sha256, at }));
      await writeFile(path, JSON.stringify(state));
      publish(world.lab, 1);
    },
    check: "edition_city",
    grade: "critical",
    message: /the licence wanted this one gone by/,
    fix: UPDATE,
  },
];
