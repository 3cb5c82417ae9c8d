import {
  type CircuitState,
  type CircuitStore,
  CLOSED_CIRCUIT,
  recordFailure,
  recordSuccess,
  takeTrial,
} from "@ipcascade/core";
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { NOON } from "./rows.ts";

const OPEN: CircuitState = {
  failures: 5,
  trips: 2,
  openedAt: NOON,
  openUntil: NOON + 60_001,
  trialUntil: NOON + 90_002,
  reason: "timeout: no answer in time",
};

/** A failure that never opens a circuit. */
const fail = (state: CircuitState) =>
  recordFailure(state, { threshold: 1_000, pauseMs: 1, maxPauseMs: 1, now: NOON, reason: "timeout" });

/** What every circuit store does. */
export const CIRCUIT_CONTRACT: readonly ContractCase<CircuitStore>[] = [
  {
    name: "readCircuit() is closed when nothing was written",
    run: async (store) => assertEquals(await store.readCircuit("cymru"), CLOSED_CIRCUIT),
  },
  {
    name: "readCircuit() gives what changeCircuit() made of it last, for each source",
    run: async (store) => {
      const change = await store.changeCircuit("cymru", () => OPEN);
      assertEquals(change, { before: CLOSED_CIRCUIT, after: OPEN });
      await store.changeCircuit("greynoise", () => ({ ...OPEN, failures: 1 }));
      assertEquals(await store.readCircuit("cymru"), OPEN);
      assertEquals((await store.changeCircuit("cymru", recordSuccess)).before, OPEN);
      assertEquals(await store.readCircuit("cymru"), CLOSED_CIRCUIT);
      assertEquals((await store.readCircuit("greynoise")).failures, 1);
    },
  },
  {
    name: "changeCircuit() gives the same state twice where nothing changes",
    run: async (store) => {
      await store.changeCircuit("cymru", () => OPEN);
      const { before, after } = await store.changeCircuit("cymru", (state) => state);
      assertStrictEquals(after, before);
      assertEquals(await store.readCircuit("cymru"), OPEN);
    },
  },
  {
    name: "changeCircuit() adds up 50 failures that come at once",
    run: async (store) => {
      await Promise.all(Array.from({ length: 50 }, () => store.changeCircuit("greynoise", fail)));
      assertEquals((await store.readCircuit("greynoise")).failures, 50);
    },
  },
  {
    name: "changeCircuit() gives the trial to one of 20 callers, and after its time to one more",
    run: async (store) => {
      await store.changeCircuit("greynoise", () => ({ ...OPEN, openUntil: NOON, trialUntil: null }));
      const takeAt = async (now: number) => {
        const takes = Array.from(
          { length: 20 },
          () => store.changeCircuit("greynoise", (state) => takeTrial(state, { now, trialMs: 60_000 })),
        );
        return (await Promise.all(takes)).filter(({ before, after }) => after !== before).length;
      };
      assertEquals([await takeAt(NOON), await takeAt(NOON + 59_999)], [1, 0]);
      assertEquals([await takeAt(NOON + 60_000), await takeAt(NOON + 60_000)], [1, 0]);
    },
  },
  {
    name: "changeCircuit() writes nothing when the change throws",
    run: async (store) => {
      await store.changeCircuit("cymru", () => OPEN);
      const change = () => {
        throw new TypeError("no");
      };
      await assertRejects(() => store.changeCircuit("cymru", change), TypeError, "no");
      assertEquals(await store.readCircuit("cymru"), OPEN);
    },
  },
];
