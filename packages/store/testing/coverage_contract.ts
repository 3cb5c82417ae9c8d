import { type CoverageFigures, type CoverageSnapshot, type CoverageStore, MS_PER_DAY } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { NOON } from "./rows.ts";

/** What an empty inventory measures. */
export const NO_FIGURES: CoverageFigures = {
  rows: 0,
  addresses: 0,
  ipv4: 0,
  withAsn: 0,
  withCountry: 0,
  asnSources: { maxmind: 0, cymru: 0, unknown: 0 },
  scanners: 0,
  riot: 0,
  classes: { malicious: 0, suspicious: 0, benign: 0, unknown: 0, riot: 0, quiet: 0, never_asked: 0 },
  countries: [],
  asns: 0,
  topAsns: [],
  stale: { cymru: 0, greynoise: 0, neverEnriched: 0, neverAskedGreynoise: 0 },
};

/** The snapshot of a day, taken at `measuredAt`. */
export function snapshotOf(day: string, measuredAt: number, addresses: number): CoverageSnapshot {
  return {
    day,
    measuredAt,
    figures: {
      ...NO_FIGURES,
      rows: addresses,
      addresses,
      topAsns: [{ number: 1, org: 'a "name"', addresses: 1 }],
    },
    quota: {
      limit: 10_000,
      period: "day",
      origin: "setting",
      used: 3,
      remaining: 9_997,
      startsAt: NOON,
      endsAt: NOON + 1,
    },
  };
}

const TODAY = "2026-11-23";
const YESTERDAY = "2026-11-22";

/** What every store of snapshots does. */
export const COVERAGE_CONTRACT: readonly ContractCase<CoverageStore>[] = [
  {
    name: "measure() of an empty inventory is nothing of everything",
    run: async (store) => assertEquals(await store.measure(NOON), NO_FIGURES),
  },
  {
    name: "write() replaces the snapshot of a day by a later one while the day lasts",
    run: async (store) => {
      const [early, late] = [snapshotOf(TODAY, NOON - 5, 1), snapshotOf(TODAY, NOON, 2)];
      assertEquals(await store.write(early, NOON - 5), true);
      assertEquals(await store.write(late, NOON), true);
      assertEquals(await store.list({ before: "2026-12-01" }), [late]);
      assertEquals(await store.write(early, NOON + 1), false);
      assertEquals(await store.list({ before: "2026-12-01" }), [late]);
    },
  },
  {
    name: "write() never changes the snapshot of a past day, but adds a missing one",
    run: async (store) => {
      const kept = snapshotOf(YESTERDAY, NOON - MS_PER_DAY, 1);
      assertEquals(await store.write(kept, NOON), true);
      assertEquals(await store.write(snapshotOf(YESTERDAY, NOON - MS_PER_DAY + 5, 2), NOON), false);
      assertEquals(await store.list({ before: TODAY }), [kept]);
    },
  },
  {
    name: "findLatest() and list() keep to the days they are asked about",
    run: async (store) => {
      const days = ["2026-09-30", "2026-10-01", "2026-10-31", "2026-11-01"];
      for (const [index, day] of days.entries()) {
        await store.write(snapshotOf(day, NOON + index, index), NOON);
      }
      const october = { since: "2026-10-01", before: "2026-11-01" };
      assertEquals((await store.list(october)).map(({ day }) => day), ["2026-10-01", "2026-10-31"]);
      assertEquals((await store.findLatest(october))?.day, "2026-10-31");
      assertEquals((await store.findLatest({ before: "2026-10-01" }))?.day, "2026-09-30");
      assertEquals(await store.findLatest({ since: "2026-11-02", before: "2026-12-01" }), null);
    },
  },
];
