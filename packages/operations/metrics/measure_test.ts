import type { Metric } from "@ipcascade/core";
import { assertEquals, assertMatch } from "@std/assert";
import { JumpingClock, NOON } from "../testing/fakes.ts";
import { measure, type MeasureDeps } from "./measure.ts";
import { RequestMeter } from "./request_meter.ts";

/** On it nothing is ever late. */
class StoppedClock extends JumpingClock {
  override sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  }
}

function createDeps(fields: Partial<MeasureDeps>): MeasureDeps {
  const memory = { residentBytes: 9, heapUsedBytes: 1, heapTotalBytes: 2, externalBytes: 3 };
  return {
    clock: new JumpingClock(),
    version: "1.2.3",
    process: () => ({ memory, cpuMs: { user: 1_500, system: 250 }, startedAt: NOON, runtime: "Deno/2" }),
    requests: new RequestMeter(),
    known: { inventory: () => null, editions: () => null, backups: () => null, health: () => null },
    ping: () => Promise.reject(new Error("away")),
    readDatabase: () => Promise.reject(new Error("away")),
    readSpace: () => Promise.reject(new Error("no disk")),
    ...fields,
  };
}

function listValues(metrics: readonly Metric[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    metrics.flatMap((metric) =>
      metric.type === "histogram" ? [] : metric.samples.map(({ labels, value }) => [
        [metric.name, ...Object.values(labels)].join(" "),
        value,
      ])
    ),
  );
}

const OWN = {
  "ipcascade_build_info 1.2.3 Deno/2": 1,
  "ipcascade_process_start_time_seconds": NOON / 1_000,
  "ipcascade_process_cpu_seconds_total user": 1.5,
  "ipcascade_process_cpu_seconds_total system": 0.25,
  "ipcascade_process_resident_memory_bytes": 9,
  "ipcascade_process_heap_used_bytes": 1,
  "ipcascade_process_heap_bytes": 2,
  "ipcascade_process_external_memory_bytes": 3,
  "ipcascade_database_up": 0,
};

Deno.test("measure() tells what the process knows while everything else is away", async () => {
  const { operation, measured_at, metrics } = await measure(createDeps({ clock: new StoppedClock() }));
  assertEquals([operation, measured_at], ["measure", "2026-11-23T12:00:00.000Z"]);
  assertEquals(listValues(metrics), OWN);
});

Deno.test("measure() waits a second for what never answers", async () => {
  const never = () => new Promise<never>(() => {});
  const { metrics } = await measure(createDeps({ ping: never, readDatabase: never, readSpace: never }));
  assertEquals(listValues(metrics), OWN);
});

Deno.test("measure() counts an answer as up although the tables can't be read", async () => {
  const { metrics } = await measure(createDeps({ ping: () => Promise.resolve(2.5) }));
  const values = listValues(metrics);
  assertEquals([values["ipcascade_database_up"], values["ipcascade_database_latency_seconds"]], [1, 0.0025]);
});

Deno.test("measure() names every metric in the product's prefix, once, with a sentence of help", async () => {
  const { metrics } = await measure(createDeps({}));
  assertEquals(new Set(metrics.map(({ name }) => name)).size, metrics.length);
  for (const { name, help } of metrics) {
    assertMatch(name, /^ipcascade_[a-z][a-z_]*[a-z]$/);
    assertMatch(help, /^[A-Z0-9].*\.$/);
  }
});
