import type { LatencySummary } from "./latency.ts";
import type { SourceName } from "./outcome.ts";

/** How one source did in a run. `skipped` and `failed` count by reason. */
export interface SourceSummary {
  readonly hit: number;
  readonly miss: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, number>>;
  readonly latency: LatencySummary;
  /** One sentence about the first failure, without secrets; null when none failed. */
  readonly firstFailure: string | null;
}

/** The report of one run of `enrichMany` or `lookUp`. */
export interface EnrichSummary {
  /** Inputs read, bad ones included. */
  readonly inputs: number;
  readonly invalid: number;
  /** Inputs that are not globally routable and were classified locally. */
  readonly local: number;
  /** Inputs answered from the inventory without asking anybody. */
  readonly fresh: number;
  /** Inputs about which a source was asked. */
  readonly asked: number;
  /** Inputs about which a source would have been asked, but nobody was: quota, circuit, back-off or a stop. */
  readonly heldBack: number;
  /** Rows written. */
  readonly stored: number;
  readonly sources: Readonly<Record<SourceName, SourceSummary>>;
  readonly elapsedMs: number;
  /** True when a stop signal ended the run early. */
  readonly stopped: boolean;
}
