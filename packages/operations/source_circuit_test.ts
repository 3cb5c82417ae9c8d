import { assertEquals } from "@std/assert";
import type { CircuitState } from "@ipcascade/core";
import { SourceCircuit } from "./source_circuit.ts";
import { JumpingClock, MemoryCircuits, NOON, SILENT_LOG } from "./testing/fakes.ts";

/** Circuits whose earlier writes take longer than the later ones, as on a pool of connections. */
class SlowCircuits extends MemoryCircuits {
  #left = 10;

  override async writeCircuit(source: "greynoise", state: CircuitState): Promise<void> {
    for (let step = this.#left-- * 5; step > 0; step--) await Promise.resolve();
    await super.writeCircuit(source, state);
  }
}

function openCircuit(circuits: MemoryCircuits, clock = new JumpingClock()) {
  return { clock, circuit: new SourceCircuit("greynoise", { circuits, clock, log: SILENT_LOG }) };
}

Deno.test("reportFailure() stores the last state last, though failures come at once", async () => {
  const circuits = new SlowCircuits();
  const { circuit } = openCircuit(circuits);
  await Promise.all(Array.from({ length: 12 }, () => circuit.reportFailure("server_error")));
  const state = circuits.states.get("greynoise");
  assertEquals([state?.failures, state?.openUntil !== null], [12, true]);
});

Deno.test("reportFailure() goes on writing after a write that failed", async () => {
  const circuits = new MemoryCircuits();
  let isBroken = true;
  const write = circuits.writeCircuit.bind(circuits);
  circuits.writeCircuit = (source, state) =>
    isBroken ? Promise.reject(new Error("gone")) : write(source, state);
  const { circuit } = openCircuit(circuits);
  const first = await circuit.reportFailure("timeout").then(() => "", String);
  isBroken = false;
  await circuit.reportFailure("timeout");
  assertEquals([first, circuits.states.get("greynoise")?.failures], ["Error: gone", 2]);
});

Deno.test("mayPass() lets one trial through at a time when the pause is over", async () => {
  const circuits = new MemoryCircuits();
  const { circuit, clock } = openCircuit(circuits);
  assertEquals([circuit.mayPass(), circuit.mayPass()], [true, true]);
  await circuit.reportFailure("unauthorized", { threshold: 1 });
  assertEquals([circuit.phase, circuit.mayPass()], ["open", false]);
  clock.ms = circuit.openUntil!;
  assertEquals([circuit.phase, circuit.mayPass(), circuit.mayPass()], ["half_open", true, false]);
  await circuit.reportFailure("timeout");
  assertEquals([circuit.phase, circuit.mayPass()], ["open", false], "a failed trial opens it again");
  const second = circuit.openUntil! - clock.ms;
  clock.ms = circuit.openUntil!;
  assertEquals(second > clock.ms - NOON - second, true, "for longer");
  assertEquals(circuit.mayPass(), true);
  await circuit.reportSuccess();
  assertEquals([circuit.phase, circuit.openUntil, circuit.mayPass(), circuit.mayPass()], [
    "closed",
    null,
    true,
    true,
  ]);
});
