import { type CoverageSnapshot, dayOf, type QuotaStatus } from "@ipcascade/core";
import { QUOTA_SOURCE } from "../quota/deps.ts";
import type { CoverageDeps } from "./deps.ts";

/** Measures the inventory and the quota as they are at `now`. Throws `StoreError`. */
export async function measureCoverage(
  { coverage, quota }: Pick<CoverageDeps, "coverage" | "quota">,
  now: number,
): Promise<CoverageSnapshot> {
  const figures = await coverage.measure(now);
  return { day: dayOf(now), measuredAt: now, figures, quota: readQuota(await quota.read(QUOTA_SOURCE, now)) };
}

function readQuota({ policy, origin, used, remaining, window }: QuotaStatus): CoverageSnapshot["quota"] {
  return { ...policy, origin, used, remaining, ...window };
}
