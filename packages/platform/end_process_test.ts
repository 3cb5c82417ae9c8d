import { assertEquals } from "@std/assert";
import { EventEmitter } from "node:events";
import { endProcess } from "./end_process.ts";
import { openStopSignals } from "./stop_signals.ts";

class FakeProcess extends EventEmitter {
  readonly statuses: number[] = [];

  exit(status: number): void {
    this.statuses.push(status);
  }
}

Deno.test("endProcess() ends the process when the last of its doors has finished", () => {
  const target = new FakeProcess();
  const first = openStopSignals({ target });
  const second = openStopSignals({ target });
  target.emit("SIGTERM");
  assertEquals([first.stop.aborted, second.stop.aborted], [true, true]);
  endProcess(first, target);
  assertEquals(target.statuses, []);
  endProcess(second, target);
  assertEquals(target.statuses, [143]);
});

Deno.test("endProcess() ends with 0 when no signal came", () => {
  const target = new FakeProcess();
  endProcess(openStopSignals({ target }), target);
  assertEquals(target.statuses, [0]);
});
