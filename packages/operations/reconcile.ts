import type { AsnCounters, AsnRecount, Clock } from "@ipcascade/core";

/** Above this share of the rows the counters were so wrong that something is: 5 %. */
export const DRIFT_LIMIT = 0.05;

/** The report of `reconcile`. */
export interface ReconcileReport extends AsnRecount {
  /** `drift` as a share of the rows, 0 to 1 and beyond. */
  readonly drift_share: number;
  /** True when the share is above the limit. */
  readonly drifted: boolean;
  /** False after a dry run. */
  readonly corrected: boolean;
  readonly elapsed_ms: number;
}

/** Recounts the addresses of every ASN and puts wrong counters right. Throws `StoreError` when the database fails. */
export async function reconcile(
  deps: { readonly counters: AsnCounters; readonly clock: Clock },
  options: { readonly dryRun?: boolean } = {},
): Promise<ReconcileReport> {
  const { dryRun = false } = options;
  const startedMs = deps.clock.elapsed();
  const recount = await deps.counters.recount({ dryRun });
  const share = recount.drift === 0 ? 0 : recount.drift / Math.max(1, recount.rows);
  return {
    ...recount,
    drift_share: share,
    drifted: share > DRIFT_LIMIT,
    corrected: !dryRun && recount.wrong > 0,
    elapsed_ms: Math.round(deps.clock.elapsed() - startedMs),
  };
}
