import { type CircuitStore, CLOSED_CIRCUIT } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { NOON } from "./rows.ts";

/** What every circuit store does. */
export const CIRCUIT_CONTRACT: readonly ContractCase<CircuitStore>[] = [
  {
    name: "readCircuit() is closed when nothing was written",
    run: async (store) => assertEquals(await store.readCircuit("cymru"), CLOSED_CIRCUIT),
  },
  {
    name: "readCircuit() gives what writeCircuit() wrote last, for each source",
    run: async (store) => {
      const open = { failures: 5, trips: 2, openedAt: NOON, openUntil: NOON + 60_001, reason: "timeout" };
      await store.writeCircuit("cymru", open);
      await store.writeCircuit("greynoise", { ...open, failures: 1 });
      assertEquals(await store.readCircuit("cymru"), open);
      await store.writeCircuit("cymru", CLOSED_CIRCUIT);
      assertEquals(await store.readCircuit("cymru"), CLOSED_CIRCUIT);
      assertEquals((await store.readCircuit("greynoise")).failures, 1);
    },
  },
];
