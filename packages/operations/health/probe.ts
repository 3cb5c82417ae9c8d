import type { ExpectedCheck, HealthCheck } from "@ipcascade/core";

/** Looks at one thing. What it can't find out in time is reported as `unknown` under the names that it expects. */
export interface HealthProbe {
  /** Every check that `run` may give; their names don't depend on what is found. */
  readonly expected: readonly ExpectedCheck[];
  /** May throw, and may hang: then every expected check is `unknown`. The signal aborts when the time is up. */
  run(signal: AbortSignal): Promise<readonly HealthCheck[]>;
}
