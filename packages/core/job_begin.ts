import type { JobRun } from "./job_run.ts";

/** How a run is begun. */
export interface JobBeginOptions {
  /** SHA-256, as 64 hexadecimal digits, of the name that whoever asks gives the run: it begins once for each job. */
  readonly key?: string;
}

/** What became of beginning a run. */
export interface JobBeginning {
  /** `repeated`: it was begun before with the same key. `running`: another one is under way, and nothing is begun. */
  readonly state: "begun" | "repeated" | "running";
  /** The run that was begun, now or before, or the one that is under way. */
  readonly run: JobRun;
}
