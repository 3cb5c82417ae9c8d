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
        learned: false,
        window: DAY,
        used: 0,
        remaining: 100,
        closedUntil: null,
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
        learned: false,
        window: DAY,
        used: 100,
        remaining: 0,
        closedUntil: DAY.endsAt,
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
      const { policy, window, used, closedUntil } = status;
      assertEquals(
        { policy, learned: status.learned, window, used, closedUntil },
        { policy: learned, learned: true, window: WEEK, used: 25, closedUntil: WEEK.endsAt },
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
      assertEquals({ used, closedUntil }, { used: 100, closedUntil: retryAt });
    },
  },
  {
    name: "reserve() refuses a source without policy",
    run: async (ledger) => {
      await assertRejects(async () => await ledger.reserve("cymru", 1, NOON), TypeError, "cymru");
    },
  },
];
