import type { Unit } from "./scenario.ts";

/** All figures of one measurement. */
export interface MeasurementResult {
  readonly name: string;
  readonly unit: Unit;
  /** One for each round; null where the round did not take it. */
  readonly values: readonly (number | null)[];
  /** The one in the middle; null without any. */
  readonly median: number | null;
}

/** How a contest ended: `small` inputs, and contests without a bar, are not judged. */
export type Verdict = "reached" | "missed" | "not judged" | "not measured";

/** How a contest ended, with its figures. */
export interface ContestResult {
  readonly ours: string;
  /** Null for a figure alone, which has no ratio. */
  readonly reference: string | null;
  readonly unit: Unit;
  /** Medians; null where it was not measured. */
  readonly ours_median: number | null;
  readonly reference_median: number | null;
  /** Of the medians, so that more is better: rates ours / reference, megabytes reference / ours. */
  readonly ratio: number | null;
  /** The lowest and the highest ratio within one round. */
  readonly lowest: number | null;
  readonly highest: number | null;
  readonly bar: number | null;
  readonly verdict: Verdict;
}

/** What became of one scenario. */
export interface ScenarioResult {
  readonly name: string;
  readonly measures: string;
  readonly conditions: readonly string[];
  /** Rounds that were measured. */
  readonly rounds: number;
  readonly seconds: number;
  readonly measurements: readonly MeasurementResult[];
  readonly contests: readonly ContestResult[];
  /** What could not be measured here, and what to install for it. */
  readonly skipped: readonly string[];
  /** Why the scenario came to no result; null when it did. */
  readonly error: string | null;
}

/** The machine and the runtime. */
export interface Machine {
  readonly deno: string;
  readonly v8: string;
  readonly kernel: string;
  readonly cores: number;
  readonly processor: string;
  readonly memory_mb: number;
}

/** The source that was measured; null outside of a checkout. */
export interface Commit {
  readonly id: string;
  /** False when the tree has changes that are in no commit. */
  readonly is_clean: boolean;
}

/** One run of the bench: what `--json` writes and `--compare` reads. */
export interface BenchReport {
  readonly version: 1;
  /** RFC 3339 UTC. */
  readonly started_at: string;
  readonly finished_at: string;
  readonly commit: Commit | null;
  readonly machine: Machine;
  /** True when the inputs were tiny and the figures mean nothing. */
  readonly is_small: boolean;
  readonly scenarios: readonly ScenarioResult[];
}
