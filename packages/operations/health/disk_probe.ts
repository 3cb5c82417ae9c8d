import {
  describeCheck,
  diskLimits,
  type ExpectedCheck,
  gradeByLimits,
  quoteInput,
  type ReadDiskSpace,
} from "@ipcascade/core";
import type { HealthProbe } from "./probe.ts";

const DISK: ExpectedCheck = { name: "disk_free", group: "system", fix: "docs/health.md#the-disk" };

/** Space left where the data is. */
export function createDiskProbe(readSpace: ReadDiskSpace): HealthProbe {
  return {
    expected: [DISK],
    run: async () => {
      const { path, freeBytes, totalBytes } = await readSpace();
      const { warning, critical } = diskLimits(totalBytes);
      const limits = {
        warning: { below: Math.ceil(warning) },
        critical: { below: Math.ceil(critical) },
      };
      const grade = gradeByLimits(freeBytes, limits);
      const percent = totalBytes === 0 ? 0 : Math.floor((freeBytes * 100) / totalBytes);
      const message = `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} (${percent} %) are free at ${
        quoteInput(path)
      }`;
      const fix = grade === "ok" ? null : DISK.fix;
      return [
        describeCheck(DISK, {
          ...limits,
          grade,
          observed: freeBytes,
          unit: "B",
          max: totalBytes,
          message,
          fix,
        }),
      ];
    },
  };
}

function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${Math.round(bytes / 1e8) / 10} GB`;
  return `${Math.round(bytes / 1e6)} MB`;
}
