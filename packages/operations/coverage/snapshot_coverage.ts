import { formatInstant, percentOf } from "@ipcascade/core";
import type { CoverageDeps } from "./deps.ts";
import { measureCoverage } from "./measure_coverage.ts";

/** The report on a day's snapshot. */
export interface CoverageSnapshotReport {
  readonly operation: "snapshot-coverage";
  readonly status: "done";
  /** The day in UTC, `YYYY-MM-DD`. */
  readonly day: string;
  /** RFC 3339 UTC. */
  readonly measured_at: string;
  /** False when a later snapshot of that day is there already, or the day is over and has one. */
  readonly is_kept: boolean;
  readonly addresses: number;
  readonly asn_percent: number | null;
  readonly geo_percent: number | null;
}

/**
 * Measures the inventory and keeps that as the present day's snapshot, in place of an earlier one of the day. Throws
 * `StoreError`.
 */
export async function snapshotCoverage(
  deps: Pick<CoverageDeps, "coverage" | "quota" | "clock">,
): Promise<CoverageSnapshotReport> {
  const snapshot = await measureCoverage(deps, deps.clock.now());
  const isKept = await deps.coverage.write(snapshot, deps.clock.now());
  const { addresses, withAsn, withCountry } = snapshot.figures;
  return {
    operation: "snapshot-coverage",
    status: "done",
    day: snapshot.day,
    measured_at: formatInstant(snapshot.measuredAt),
    is_kept: isKept,
    addresses,
    asn_percent: percentOf(withAsn, addresses),
    geo_percent: percentOf(withCountry, addresses),
  };
}
