import { CIRCUIT_OPTIONS, type CircuitChange, type CircuitState } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import { SourceCircuit } from "./source_circuit.ts";
import { JumpingClock, MemoryCircuits, NOON, SILENT_LOG } from "./testing/fakes.ts";

const THRESHOLD = CIRCUIT_OPTIONS.greynoise.threshold;

/** Circuits whose earlier answers take longer than the later ones, as on a pool of connections. */
class SlowCircuits extends MemoryCircuits {
  #left = 10;

  override async changeCircuit(
    source: "greynoise",
    change: (state: CircuitState) => CircuitState,
  ): Promise<CircuitChange> {
    const result = await super.changeCircuit(source, change);
    for (let step = this.#left-- * 5; step > 0; step--) await Promise.resolve();
    return result;
  }
}

function openCircuit(circuits: MemoryCircuits, clock = new JumpingClock()) {
  const logged: unknown[] = [];
  const note = (message: string, data?: unknown) => void logged.push([message, data]);
  const log = { ...SILENT_LOG, warn: note, info: note };
  return { clock, logged, circuit: new SourceCircuit("greynoise", { circuits, clock, log }) };
}

Deno.test("reportFailure() knows the last state last, though failures come at once", async () => {
  const circuits = new SlowCircuits();
  const { circuit, clock, logged } = openCircuit(circuits);
  await Promise.all(Array.from({ length: THRESHOLD + 2 }, () => circuit.reportFailure("server_error")));
  assertEquals(circuits.states.get("greynoise")?.failures, THRESHOLD + 2);
  assertEquals([circuit.phase, circuit.openUntil! > clock.ms, logged.length], ["open", true, 1]);
});

Deno.test("reportFailure() goes on after a change that failed", async () => {
  const circuits = new MemoryCircuits();
  let isBroken = true;
  const change = circuits.changeCircuit.bind(circuits);
  circuits.changeCircuit = (source, work) =>
    isBroken ? Promise.reject(new Error("gone")) : change(source, work);
  const { circuit } = openCircuit(circuits);
  const first = await circuit.reportFailure("timeout").then(() => "", String);
  isBroken = false;
  await circuit.reportFailure("timeout");
  assertEquals([first, circuits.states.get("greynoise")?.failures], ["Error: gone", 1]);
});

Deno.test("reportFailure() adds to what other processes saw, and says in words why it opens", async () => {
  const circuits = new MemoryCircuits();
  const [one, two] = [openCircuit(circuits), openCircuit(circuits)];
  for (let times = 1; times < THRESHOLD; times++) {
    await (times % 2 === 0 ? one : two).circuit.reportFailure("refused");
  }
  assertEquals([one.circuit.phase, two.circuit.phase], ["closed", "closed"]);
  await one.circuit.reportFailure("refused");
  assertEquals([one.circuit.phase, two.circuit.phase], ["open", "closed"]);
  await two.circuit.load();
  assertEquals([two.circuit.phase, await two.circuit.mayPass()], ["open", false]);
  const data = {
    source: "greynoise",
    reason: "refused: the host is there, but nobody listens",
    until: "2026-11-23T12:05:00.000Z",
  };
  assertEquals([one.logged, two.logged], [[["Source is left alone after failures", data]], []]);
});

Deno.test("reportSuccess() closes the circuit for every process", async () => {
  const circuits = new MemoryCircuits();
  const [one, two] = [openCircuit(circuits), openCircuit(circuits)];
  for (let times = 0; times < THRESHOLD; times++) await one.circuit.reportFailure("timeout");
  await two.circuit.load();
  await two.circuit.reportSuccess();
  await one.circuit.load();
  assertEquals([one.circuit.phase, two.circuit.phase], ["closed", "closed"]);
});

Deno.test("mayPass() lets one trial through at a time when the pause is over", async () => {
  const circuits = new MemoryCircuits();
  const { circuit, clock } = openCircuit(circuits);
  assertEquals([await circuit.mayPass(), await circuit.mayPass()], [true, true]);
  await circuit.reportFailure("unauthorized", { threshold: 1 });
  assertEquals([circuit.phase, await circuit.mayPass()], ["open", false]);
  clock.ms = circuit.openUntil!;
  assertEquals([circuit.phase, await circuit.mayPass(), await circuit.mayPass()], ["half_open", true, false]);
  await circuit.reportFailure("timeout");
  assertEquals([circuit.phase, await circuit.mayPass()], ["open", false], "a failed trial opens it again");
  const second = circuit.openUntil! - clock.ms;
  clock.ms = circuit.openUntil!;
  assertEquals(second > clock.ms - NOON - second, true, "for longer");
  assertEquals(await circuit.mayPass(), true);
  await circuit.reportSuccess();
  assertEquals([circuit.phase, circuit.openUntil, await circuit.mayPass(), await circuit.mayPass()], [
    "closed",
    null,
    true,
    true,
  ]);
});

Deno.test("mayPass() gives the trial to one process, and to the next when that one is gone", async () => {
  const circuits = new MemoryCircuits();
  const clock = new JumpingClock();
  const [one, two] = [openCircuit(circuits, clock), openCircuit(circuits, clock)];
  await one.circuit.reportFailure("timeout", { threshold: 1 });
  await two.circuit.load();
  clock.ms = one.circuit.openUntil!;
  // Both know a circuit that is half open; only the store tells who comes first.
  assertEquals([await one.circuit.mayPass(), await two.circuit.mayPass()], [true, false]);
  assertEquals(two.circuit.openUntil, clock.ms + 60_000, "says when the next trial may pass");
  clock.ms += 59_999;
  assertEquals(await two.circuit.mayPass(), false);
  clock.ms += 1;
  assertEquals(await two.circuit.mayPass(), true);
});

Deno.test("reportNothing() gives the trial back, and nobody else's", async () => {
  const circuits = new MemoryCircuits();
  const clock = new JumpingClock();
  const [one, two] = [openCircuit(circuits, clock), openCircuit(circuits, clock)];
  await one.circuit.reportFailure("timeout", { threshold: 1 });
  clock.ms = one.circuit.openUntil!;
  await two.circuit.load();
  assertEquals(await one.circuit.mayPass(), true);
  await two.circuit.reportNothing();
  assertEquals(await two.circuit.mayPass(), false);
  await one.circuit.reportNothing();
  await two.circuit.load();
  assertEquals(await two.circuit.mayPass(), true);
});

Deno.test("mayPass() lets everybody through who finds that another's trial went well", async () => {
  const circuits = new MemoryCircuits();
  const clock = new JumpingClock();
  const [one, two] = [openCircuit(circuits, clock), openCircuit(circuits, clock)];
  await one.circuit.reportFailure("timeout", { threshold: 1 });
  await two.circuit.load();
  clock.ms = one.circuit.openUntil!;
  await one.circuit.mayPass();
  await one.circuit.reportSuccess();
  assertEquals(await two.circuit.mayPass(), true);
  assertEquals(circuits.states.get("greynoise")?.trialUntil, null);
});
