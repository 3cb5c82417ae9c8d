import { assertEquals } from "@std/assert";
import type { CymruAnswer, LookupOutcome } from "@ipcascade/core";
import { askCymru } from "./ask_cymru.ts";
import { SourceCircuit } from "./source_circuit.ts";
import {
  failed,
  JumpingClock,
  manyAddresses,
  MemoryCircuits,
  NOON,
  ScriptedCymru,
  SILENT_LOG,
} from "./testing/fakes.ts";

const MISS: LookupOutcome<CymruAnswer> = { status: "miss", durationMs: 5 };

function createDeps(cymru: ScriptedCymru) {
  const clock = new JumpingClock();
  const circuits = new MemoryCircuits();
  const circuit = new SourceCircuit("cymru", { circuits, clock, log: SILENT_LOG });
  return { cymru, circuit, circuits, clock, random: () => 0.5 };
}

Deno.test("askCymru() asks for up to 10 000 addresses in one session", async () => {
  const deps = createDeps(new ScriptedCymru(() => MISS));
  const outcomes = await askCymru(manyAddresses(10_001), deps, {});
  assertEquals(deps.cymru.sessions.map((session) => session.length), [10_000, 1]);
  assertEquals(outcomes.size, 10_001);
});

Deno.test("askCymru() asks a second time only for what a cut session did not bring", async () => {
  const answer = (address: string, session: number) =>
    session === 1 && address.endsWith("7") ? failed("cut") : MISS;
  const deps = createDeps(new ScriptedCymru(answer));
  const outcomes = await askCymru(manyAddresses(20), deps, {});
  assertEquals(deps.cymru.sessions[1], ["5.0.0.7", "5.0.0.17"]);
  assertEquals([...outcomes.values()].every((outcome) => outcome.status === "miss"), true);
});

Deno.test("askCymru() does not ask again what was rejected", async () => {
  const deps = createDeps(new ScriptedCymru((address) => address === "5.0.0.1" ? failed("rejected") : MISS));
  const outcomes = await askCymru(manyAddresses(3), deps, {});
  assertEquals(deps.cymru.sessions.length, 1);
  assertEquals(outcomes.get("5.0.0.1")?.status, "failed");
});

Deno.test("askCymru() opens the circuit after two silent sessions, and sends no third", async () => {
  const deps = createDeps(new ScriptedCymru(() => failed("timeout")));
  const outcomes = await askCymru(manyAddresses(3), deps, {});
  assertEquals(deps.cymru.sessions.length, 2);
  assertEquals([...outcomes.values()].map((outcome) => outcome.status), ["failed", "failed", "failed"]);
  const state = deps.circuits.states.get("cymru")!;
  assertEquals([state.failures, state.reason], [
    2,
    "timeout: no answer at all: dropped silently, perhaps null-routed",
  ]);
  const again = await askCymru(manyAddresses(2), deps, {});
  assertEquals(deps.cymru.sessions.length, 2);
  assertEquals([...again.values()][0], { status: "skipped", reason: "circuit_open", until: state.openUntil });
});

Deno.test("askCymru() tries again when the pause is over, and closes the circuit on success", async () => {
  const deps = createDeps(new ScriptedCymru(() => MISS));
  deps.circuits.states.set("cymru", {
    failures: 2,
    trips: 1,
    openedAt: NOON - 9,
    openUntil: NOON - 1,
    trialUntil: null,
    reason: "timeout",
  });
  await deps.circuit.load();
  await askCymru(manyAddresses(2), deps, {});
  assertEquals(deps.circuits.states.get("cymru")?.openUntil, null);
});

Deno.test("askCymru() does not leave Cymru alone for one address whose zone is broken", async () => {
  const deps = createDeps(new ScriptedCymru(() => failed("server_error")));
  for (const [index, address] of manyAddresses(6).entries()) {
    assertEquals(deps.circuit.phase, index < 5 ? "closed" : "open", address.text);
    await askCymru([address], deps, {});
  }
});
