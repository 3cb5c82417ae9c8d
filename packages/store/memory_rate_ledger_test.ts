import { createNodeClock } from "../platform/node_clock.ts";
import { runContract } from "../testkit/contract.ts";
import { MemoryRateLedger } from "../testkit/memory_rate_ledger.ts";
import { RATE_CONTRACT } from "./testing/rate_contract.ts";

Deno.test("MemoryRateLedger keeps the promises of the real one", async (t) => {
  await runContract(t, RATE_CONTRACT, () => Promise.resolve(new MemoryRateLedger(createNodeClock())));
});
