import type { InventoryRow, SourceAttempt } from "./inventory.ts";
import type { SourceName } from "./outcome.ts";

/** What of an attempt decides when the source is asked next. */
export type AttemptState = Pick<SourceAttempt, "outcome" | "attemptedAt" | "retryAt">;

/** What of a row decides whether a source is asked about it: neither its facts nor its document. */
export interface RowState
  extends
    Pick<InventoryRow, "asnSource" | "enrichmentAt" | "scannerAt" | "cityBuildEpoch" | "asnBuildEpoch"> {
  readonly attempts: Readonly<Record<SourceName, AttemptState>>;
}

/** Rows of one state: those that were stored together mostly are. */
export interface StateGroup {
  readonly state: RowState;
  /** Canonical texts. */
  readonly addresses: readonly string[];
}
