import type { ActivityFilter, SourceName } from "@ipcascade/core";
import type { IncidentBudget } from "./incident_budget.ts";

/** What a run may do. */
export interface CascadeOptions {
  readonly selected: ReadonlySet<SourceName>;
  readonly refresh: boolean;
  /** Asks GreyNoise only about addresses that pass; null asks about all. */
  readonly activity: ActivityFilter | null;
  /** Leaves rows unread that stay as they are; there is no work for them then. Default false. */
  readonly skipIdle?: boolean;
  /** Shared by the runs of one worker. Default: one of its own for each run. */
  readonly budget?: IncidentBudget;
  readonly stop?: AbortSignal;
  readonly abort?: AbortSignal;
  readonly onProgress?: (progress: CascadeProgress) => void;
}

/** Where a batch stands. */
export interface CascadeProgress {
  readonly source: SourceName;
  readonly done: number;
  readonly total: number;
}
