import type { BenchInputs } from "./inputs.ts";

/** What a figure is: items a second, of which more is better, or megabytes, of which fewer are. */
export type Unit = "/s" | "MB";

/** Two measurements of a scenario that are set against each other, or one that is told alone. */
export interface Contest {
  /** Name of the measurement that is ours. */
  readonly ours: string;
  /** Name of the one that it is measured by; null for a figure alone. */
  readonly reference: string | null;
  /** The ratio that has to be reached; null where the figure is told and not judged. */
  readonly bar: number | null;
  /** Default `/s`. */
  readonly unit?: Unit;
}

/** Figures of one round by the names of their measurements; one that could not be taken is left out. */
export type Figures = Readonly<Record<string, number>>;

/** What a round is told, and what it may say. */
export interface RoundContext {
  /** Rounds before this one. */
  readonly index: number;
  /** Says on stderr what is being measured. */
  tell(what: string): void;
  /** Throws once the run has been asked to stop: to be called between two measurements. */
  check(): void;
}

/** A scenario that is ready to be measured. */
export interface Prepared {
  /** How many items, of what kind, where: what a reader has to know of the figures. */
  readonly conditions: readonly string[];
  /** What can't be measured on this machine, and what to install for it; default nothing. */
  readonly skipped?: readonly string[];
  /** Measures everything once, ours and references in turn; null where nothing can be measured. */
  readonly round: ((context: RoundContext) => Promise<Figures>) | null;
}

/** What is measured, against what, and what has to come out. */
export interface Scenario {
  /** As on the command line. */
  readonly name: string;
  /** In one sentence. */
  readonly measures: string;
  /** Rounds where the command line does not say otherwise: fewer where one takes minutes. */
  readonly rounds: number;
  readonly contests: readonly Contest[];
  /** Makes the inputs; what has to be closed goes to `inputs.resources`. */
  prepare(inputs: BenchInputs): Promise<Prepared>;
}
