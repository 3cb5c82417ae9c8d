import type { DiskSpace, MemoryUse, Metric } from "@ipcascade/core";
import { gauge, gauges, seconds } from "./gauge.ts";

/** What this process knows of itself. */
export interface ProcessFigures {
  readonly memory: MemoryUse;
  /** Milliseconds of work since its start. */
  readonly cpuMs: { readonly user: number; readonly system: number };
  /** Milliseconds since 1970 UTC. */
  readonly startedAt: number;
  /** Such as `Deno/2.9.6`. */
  readonly runtime: string;
}

/** What runs here, and what it takes. */
export function describeProcess(
  { memory, cpuMs, startedAt, runtime }: ProcessFigures,
  version: string,
): readonly Metric[] {
  return [
    gauges("build_info", "What runs: 1, with its version and runtime as labels.", [
      { labels: { version, runtime }, value: 1 },
    ]),
    gauge("process_start_time_seconds", "When this process began.", seconds(startedAt)),
    {
      name: "ipcascade_process_cpu_seconds_total",
      help: "Time on a processor.",
      type: "counter",
      samples: [
        { labels: { mode: "user" }, value: seconds(cpuMs.user) },
        { labels: { mode: "system" }, value: seconds(cpuMs.system) },
      ],
    },
    gauge("process_resident_memory_bytes", "Memory that the system counts.", memory.residentBytes),
    gauge("process_heap_used_bytes", "Memory of objects in use.", memory.heapUsedBytes),
    gauge("process_heap_bytes", "Memory that the engine holds for objects.", memory.heapTotalBytes),
    gauge(
      "process_external_memory_bytes",
      "Memory outside the heap, the editions among it.",
      memory.externalBytes,
    ),
  ];
}

/** Space where the data is. */
export function describeDisk(space: DiskSpace | null): readonly Metric[] {
  return [
    gauge("disk_free_bytes", "Space that is left where the data is.", space?.freeBytes ?? null),
    gauge("disk_size_bytes", "Space that there is in all.", space?.totalBytes ?? null),
  ];
}
