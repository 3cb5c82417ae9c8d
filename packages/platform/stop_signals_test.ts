import { assertEquals } from "@std/assert";
import { openStopSignals, type SignalTarget, type StopSignalName } from "./stop_signals.ts";

class FakeProcess implements SignalTarget {
  readonly listeners = new Map<StopSignalName, () => void>();
  on(name: StopSignalName, listener: () => void): void {
    this.listeners.set(name, listener);
  }
  off(name: StopSignalName, listener: () => void): void {
    if (this.listeners.get(name) === listener) this.listeners.delete(name);
  }
}

function open() {
  const target = new FakeProcess();
  const clock = { ms: 0 };
  const told: string[] = [];
  const ended: number[] = [];
  const signals = openStopSignals({
    target,
    elapsed: () => clock.ms,
    onStop: (name) => told.push(name),
    end: (status) => ended.push(status),
  });
  const send = (name: StopSignalName, at: number) => {
    clock.ms = at;
    target.listeners.get(name)?.();
    return [signals.stop.aborted, signals.abort.aborted];
  };
  return { target, signals, told, ended, send };
}

Deno.test("openStopSignals() stops at the first signal, aborts at the second and ends at the third", () => {
  const { signals, told, ended, send } = open();
  assertEquals([signals.stop.aborted, signals.abort.aborted, signals.exitStatus], [false, false, null]);
  assertEquals(send("SIGINT", 1000), [true, false]);
  assertEquals(send("SIGINT", 2000), [true, true]);
  assertEquals(ended, []);
  assertEquals(send("SIGINT", 3000), [true, true]);
  assertEquals(ended, [130]);
  assertEquals([signals.exitStatus, told], [130, ["SIGINT"]]);
});

Deno.test("openStopSignals() keeps the status of the first signal", () => {
  const { signals, send } = open();
  send("SIGTERM", 0);
  assertEquals(send("SIGINT", 10), [true, true]);
  assertEquals(signals.exitStatus, 143);
});

Deno.test("openStopSignals() takes a signal that a launcher hands on for the same one", () => {
  const { send } = open();
  assertEquals(send("SIGINT", 1000), [true, false]);
  assertEquals(send("SIGINT", 1150), [true, false]);
  assertEquals(send("SIGINT", 1500), [true, true]);
});

Deno.test("openStopSignals() gives the signals back when it is disposed", () => {
  const { target, signals } = open();
  assertEquals([...target.listeners.keys()], ["SIGINT", "SIGTERM"]);
  signals[Symbol.dispose]();
  assertEquals(target.listeners.size, 0);
});
