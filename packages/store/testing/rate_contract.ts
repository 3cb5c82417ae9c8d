import type { RateLedger } from "@ipcascade/core";
import { assertAlmostEquals, assertEquals, assertGreater, assertRejects } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";

/** So long that the time that the statements take does not matter. */
const MINUTE = { intervalMs: 60_000 };
/** What a loaded machine may take for a statement. */
const SLACK_MS = 10_000;

/** What every rate ledger does. */
export const RATE_CONTRACT: readonly ContractCase<RateLedger>[] = [
  {
    name: "takeSlots() grants the first slot at once, and the next ones after those that are taken",
    run: async (ledger) => {
      assertEquals(await ledger.takeSlots("greynoise", 1, MINUTE), { count: 1, startInMs: 0 });
      const second = await ledger.takeSlots("greynoise", 2, MINUTE);
      assertEquals(second.count, 2);
      assertAlmostEquals(second.startInMs, 60_000, SLACK_MS);
      assertAlmostEquals((await ledger.takeSlots("greynoise", 1, MINUTE)).startInMs, 180_000, SLACK_MS);
    },
  },
  {
    name: "takeSlots() keeps each rate by itself",
    run: async (ledger) => {
      await ledger.takeSlots("greynoise", 4, MINUTE);
      assertEquals((await ledger.takeSlots("cymru_dns", 1, MINUTE)).startInMs, 0);
      assertGreater((await ledger.takeSlots("greynoise", 1, MINUTE)).startInMs, 0);
    },
  },
  {
    name: "takeSlots() saves nothing up in a rest",
    run: async (ledger) => {
      await ledger.takeSlots("greynoise", 1, { intervalMs: 1 });
      await new Promise((resolve) => setTimeout(resolve, 50));
      assertEquals((await ledger.takeSlots("greynoise", 2, MINUTE)).startInMs, 0);
      // Were the slots of the rest still there, the next one would be now as well.
      assertAlmostEquals((await ledger.takeSlots("greynoise", 1, MINUTE)).startInMs, 120_000, SLACK_MS);
    },
  },
  {
    name: "takeSlots() refuses counts and intervals that are none",
    run: async (ledger) => {
      for (const count of [0, -1, 1.5, NaN, Infinity]) {
        await assertRejects(() => ledger.takeSlots("greynoise", count, MINUTE), RangeError);
      }
      for (const intervalMs of [0, -1, NaN, Infinity]) {
        await assertRejects(() => ledger.takeSlots("greynoise", 1, { intervalMs }), RangeError);
      }
      assertEquals((await ledger.takeSlots("greynoise", 1, MINUTE)).startInMs, 0);
    },
  },
];
