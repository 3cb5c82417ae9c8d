import { MS_PER_DAY, type QuotaLedger } from "@ipcascade/core";
import { assertEquals, assertRejects } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";

/** The policies with which the contract expects its ledger: GreyNoise only. */
export const CONTRACT_POLICIES = { greynoise: { limit: 100, period: "day" } } as const;

const MIDNIGHT = Date.UTC(2026, 10, 23);
const NOON = MIDNIGHT + MS_PER_DAY / 2;
const DAY = { startsAt: MIDNIGHT, endsAt: MIDNIGHT + MS_PER_DAY };
/** 2026-11-23 is a Monday. */
const WEEK = { startsAt: MIDNIGHT, endsAt: MIDNIGHT + 7 * MS_PER_DAY };

/** What every quota ledger does. */
export const QUOTA_CONTRACT: readonly ContractCase<QuotaLedger>[] = [
  {
    name: "read() tells the configured policy when nothing was used",
    run: async (ledger) => {
      assertEquals(await ledger.read("greynoise", NOON), {
        source: "greynoise",
        policy: { limit: 100, period: "day" },
        origin: "setting",
        since: null,
        window: DAY,
        used: 0,
        remaining: 100,
        closedUntil: null,
        firstUsedAt: null,
        usedBefore: 0,
      });
    },
  },
  {
    name: "reserve() grants what is left and then nothing until the window ends",
    run: async (ledger) => {
      const grants = [];
      for (const count of [60, 30, 30, 5]) {
        const { granted, window, until } = await ledger.reserve("greynoise", count, NOON);
        assertEquals(window, DAY);
        grants.push([granted, until]);
      }
      assertEquals(grants, [[60, null], [30, null], [10, DAY.endsAt], [0, DAY.endsAt]]);
      const { used, remaining } = await ledger.read("greynoise", NOON);
      assertEquals({ used, remaining }, { used: 100, remaining: 0 });
    },
  },
  {
    name: "reserve() begins anew at the window's end, to the millisecond",
    run: async (ledger) => {
      await ledger.reserve("greynoise", 100, NOON);
      assertEquals((await ledger.reserve("greynoise", 1, DAY.endsAt - 1)).granted, 0);
      assertEquals((await ledger.reserve("greynoise", 1, DAY.endsAt)).granted, 1);
      assertEquals((await ledger.read("greynoise", DAY.endsAt)).used, 1);
    },
  },
  {
    name: "reserve() never grants more than the limit when 400 calls come at once",
    run: async (ledger) => {
      const calls = Array.from({ length: 400 }, () => ledger.reserve("greynoise", 1, NOON));
      const granted = (await Promise.all(calls)).reduce((sum, grant) => sum + grant.granted, 0);
      assertEquals(granted, 100);
      assertEquals((await ledger.read("greynoise", NOON)).used, 100);
    },
  },
  {
    name: "reserve() refuses counts that are none",
    run: async (ledger) => {
      for (const count of [0, -1, 1.5, NaN, Infinity]) {
        await assertRejects(async () => await ledger.reserve("greynoise", count, NOON), RangeError);
      }
      assertEquals((await ledger.read("greynoise", NOON)).used, 0);
    },
  },
  {
    name: "release() gives back what was not sent, to the window it came from",
    run: async (ledger) => {
      const grant = await ledger.reserve("greynoise", 10, NOON);
      await ledger.reserve("greynoise", 3, DAY.endsAt);
      await ledger.release(grant, 4);
      assertEquals((await ledger.read("greynoise", NOON)).used, 6);
      assertEquals((await ledger.read("greynoise", DAY.endsAt)).used, 3);
    },
  },
  {
    name: "release() refuses to give back more than was granted",
    run: async (ledger) => {
      const grant = await ledger.reserve("greynoise", 10, NOON);
      for (const unsent of [11, -1, 0.5]) {
        await assertRejects(async () => await ledger.release(grant, unsent), RangeError);
      }
      await ledger.release(grant, 0);
      assertEquals((await ledger.read("greynoise", NOON)).used, 10);
    },
  },
  {
    name: "close() leaves nothing until the window ends",
    run: async (ledger) => {
      await ledger.reserve("greynoise", 7, NOON);
      const status = await ledger.close("greynoise", {
        now: NOON,
        learned: null,
        retryAt: null,
        reason: "429",
      });
      assertEquals(status, {
        source: "greynoise",
        policy: { limit: 100, period: "day" },
        origin: "setting",
        since: null,
        window: DAY,
        used: 7,
        remaining: 0,
        closedUntil: DAY.endsAt,
        firstUsedAt: NOON,
        usedBefore: 0,
      });
      assertEquals(await ledger.read("greynoise", NOON), status);
      const { granted, until } = await ledger.reserve("greynoise", 1, NOON + 1);
      assertEquals({ granted, until }, { granted: 0, until: DAY.endsAt });
      assertEquals((await ledger.reserve("greynoise", 1, DAY.endsAt)).granted, 1);
    },
  },
  {
    name: "close() learns the real quota, which wins from then on",
    run: async (ledger) => {
      await ledger.reserve("greynoise", 30, NOON);
      const learned = { limit: 25, period: "week" } as const;
      const status = await ledger.close("greynoise", { now: NOON, learned, retryAt: null, reason: "429" });
      const { policy, origin, since, window, used, closedUntil } = status;
      assertEquals(
        { policy, origin, since, window, used, closedUntil },
        {
          policy: learned,
          origin: "provider",
          since: NOON,
          window: WEEK,
          used: 30,
          closedUntil: WEEK.endsAt,
        },
      );
      assertEquals((await ledger.reserve("greynoise", 1, WEEK.endsAt - 1)).granted, 0);
      assertEquals((await ledger.reserve("greynoise", 40, WEEK.endsAt)).granted, 25);
    },
  },
  {
    name: "close() stays closed into the next window when the provider says so",
    run: async (ledger) => {
      const retryAt = DAY.endsAt + 3_600_000;
      await ledger.close("greynoise", { now: NOON, learned: null, retryAt, reason: "429" });
      assertEquals((await ledger.read("greynoise", DAY.endsAt)).closedUntil, retryAt);
      assertEquals((await ledger.read("greynoise", DAY.endsAt)).remaining, 0);
      const { granted, until } = await ledger.reserve("greynoise", 1, DAY.endsAt);
      assertEquals({ granted, until }, { granted: 0, until: retryAt });
      assertEquals((await ledger.reserve("greynoise", 100, retryAt)).granted, 100);
    },
  },
  {
    name: "close() never shortens a closing, and release() does not open one",
    run: async (ledger) => {
      const grant = await ledger.reserve("greynoise", 50, NOON);
      const retryAt = DAY.endsAt + 1_000;
      await ledger.close("greynoise", { now: NOON, learned: null, retryAt, reason: "429" });
      await ledger.close("greynoise", { now: NOON, learned: null, retryAt: null, reason: "429" });
      await ledger.release(grant, 50);
      const { used, closedUntil } = await ledger.read("greynoise", NOON);
      assertEquals({ used, closedUntil }, { used: 0, closedUntil: retryAt });
      assertEquals((await ledger.reserve("greynoise", 1, NOON)).granted, 0);
    },
  },
  {
    name: "reserve() with a share grants up to that part of the limit, whoever used it so far",
    run: async (ledger) => {
      await ledger.reserve("greynoise", 70, NOON);
      const grants = [];
      for (const count of [6, 6, 6]) {
        const { granted, until } = await ledger.reserve("greynoise", count, NOON, { share: 0.8 });
        grants.push([granted, until]);
      }
      assertEquals(grants, [[6, null], [4, DAY.endsAt], [0, DAY.endsAt]]);
      const rest = await ledger.reserve("greynoise", 30, NOON);
      assertEquals([rest.granted, rest.until], [20, DAY.endsAt], "others may have all of it");
      assertEquals((await ledger.reserve("greynoise", 1, NOON, { share: 1 })).granted, 0);
    },
  },
  {
    name: "reserve() with a share begins a window with no more than that part",
    run: async (ledger) => {
      const cases: readonly (readonly [share: number, granted: number])[] = [
        [0, 0],
        [0.005, 0],
        [0.29, 29],
        [0.999, 99],
        [1, 100],
      ];
      for (const [day, [share, granted]] of cases.entries()) {
        const grant = await ledger.reserve("greynoise", 500, NOON + day * MS_PER_DAY, { share });
        assertEquals([grant.granted, grant.until], [granted, grant.window.endsAt], String(share));
      }
    },
  },
  {
    name: "reserve() with a share never passes it when calls with and without come at once",
    run: async (ledger) => {
      const calls = (share: number | undefined) =>
        Array.from({ length: 60 }, () => ledger.reserve("greynoise", 1, NOON, { share }));
      const shared = await Promise.all(calls(0.5));
      assertEquals(shared.reduce((sum, { granted }) => sum + granted, 0), 50);
      const mixed = await Promise.all([...calls(0.5), ...calls(undefined)]);
      assertEquals(mixed.slice(0, 60).reduce((sum, { granted }) => sum + granted, 0), 0);
      assertEquals((await ledger.read("greynoise", NOON)).used, 100);
    },
  },
  {
    name: "reserve() refuses shares that are none",
    run: async (ledger) => {
      for (const share of [-0.1, 1.1, NaN]) {
        await assertRejects(async () => await ledger.reserve("greynoise", 1, NOON, { share }), RangeError);
      }
      assertEquals((await ledger.read("greynoise", NOON)).used, 0);
    },
  },
  {
    name: "reserve() notes when the window's first units were taken",
    run: async (ledger) => {
      await ledger.reserve("greynoise", 5, NOON, { share: 0 });
      assertEquals((await ledger.read("greynoise", NOON)).firstUsedAt, null, "nothing was taken");
      await ledger.reserve("greynoise", 5, NOON + 1);
      await ledger.reserve("greynoise", 5, NOON + 2);
      const { firstUsedAt, usedBefore, used } = await ledger.read("greynoise", NOON + 3);
      assertEquals([firstUsedAt, usedBefore, used], [NOON + 1, 0, 10]);
    },
  },
  {
    name: "reserve() refuses a source without policy",
    run: async (ledger) => {
      await assertRejects(async () => await ledger.reserve("cymru", 1, NOON), TypeError, "cymru");
    },
  },
];
