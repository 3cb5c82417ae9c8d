import { ALL_ROWS } from "@ipcascade/core";
import type { RefreshDeps, RefreshOptions } from "./deps.ts";
import type { RefreshReport } from "./refresh_report.ts";
import { refreshStale } from "./refresh_stale.ts";

/**
 * Asks Team Cymru, in bulk, about rows without an ASN. That it knows none is remembered for as long as an answer, so
 * rows that nobody can resolve never stand before others. Throws `StoreError` when the database fails.
 */
export function backfillAsn(
  deps: RefreshDeps,
  options: Omit<RefreshOptions, "sources" | "force"> = {},
): Promise<RefreshReport> {
  const filter = { ...options.filter ?? ALL_ROWS, missingAsn: true };
  return refreshStale(deps, { ...options, filter, sources: ["cymru"] });
}
