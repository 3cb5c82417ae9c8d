import process from "node:process";
import { MS_PER_SECOND } from "@ipcascade/core";
import type { ProcessFigures } from "@ipcascade/operations";
import { createMemoryProbe } from "./memory_probe.ts";

const MICROSECONDS = 1_000;

/** Prepares reading what this process takes. */
export function createProcessFigures(): () => ProcessFigures {
  const memory = createMemoryProbe();
  const startedAt = Date.now() - process.uptime() * MS_PER_SECOND;
  const runtime = describeRuntime();
  return () => {
    const { user, system } = process.cpuUsage();
    return {
      memory: memory.read(),
      cpuMs: { user: user / MICROSECONDS, system: system / MICROSECONDS },
      startedAt,
      runtime,
    };
  };
}

/** Every runtime claims to be Node as well. */
function describeRuntime(): string {
  const { deno, bun, node } = process.versions;
  if (deno !== undefined) return `Deno/${deno}`;
  return bun === undefined ? `Node/${node}` : `Bun/${bun}`;
}
