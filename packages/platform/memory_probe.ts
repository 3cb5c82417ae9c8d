import process from "node:process";
import type { MemoryProbe } from "@ipcascade/core";

/** What this process holds, as system and engine tell. */
export function createMemoryProbe(): MemoryProbe {
  return {
    read: () => {
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
      return {
        residentBytes: rss,
        heapUsedBytes: heapUsed,
        heapTotalBytes: heapTotal,
        externalBytes: external,
      };
    },
  };
}
