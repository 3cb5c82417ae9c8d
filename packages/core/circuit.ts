import { MS_PER_HOUR, MS_PER_MINUTE } from "./clock.ts";
import type { SourceName } from "./outcome.ts";

/** The stored state of one source's circuit breaker. Instants are milliseconds since 1970 UTC. */
export interface CircuitState {
  /** Failures in a row. */
  readonly failures: number;
  /** How often in a row the circuit opened; lengthens the next pause. */
  readonly trips: number;
  /** Null while closed. */
  readonly openedAt: number | null;
  /** From here on one trial may pass; null while closed. */
  readonly openUntil: number | null;
  /** Until here whoever took the trial is waited for; null while nobody has it. */
  readonly trialUntil: number | null;
  /** The failure's reason and what it means, see `explainFailure`; null while closed without a failure. */
  readonly reason: string | null;
}

/** A circuit before and after a change; the very same object when nothing changed. */
export interface CircuitChange {
  readonly before: CircuitState;
  readonly after: CircuitState;
}

/** Keeps the circuit states where every process sees them. Methods throw `StoreError`. */
export interface CircuitStore {
  readCircuit(source: SourceName): Promise<CircuitState>;
  /**
   * Changes the state as it is at that moment, while nobody else changes it. `change` gives the state that it got
   * where there is nothing to change, and may be called more than once.
   */
  changeCircuit(
    source: SourceName,
    change: (state: CircuitState) => CircuitState,
  ): Promise<CircuitChange>;
}

/** A circuit that never failed. */
export const CLOSED_CIRCUIT: CircuitState = {
  failures: 0,
  trips: 0,
  openedAt: null,
  openUntil: null,
  trialUntil: null,
  reason: null,
};

/** When a circuit opens and for how long. */
export interface CircuitOptions {
  /** Failures in a row that open it. */
  readonly threshold: number;
  /** First pause; doubles with each failed trial. */
  readonly pauseMs: number;
  readonly maxPauseMs: number;
  /** How long a trial is waited for: whoever took it may have been killed. */
  readonly trialMs: number;
}

/**
 * Per source: MaxMind counts batches in which every look-up failed, Cymru whole sessions, GreyNoise single requests. A
 * source that fails for one address in ten fails ten times in a row once in ten thousand million requests.
 */
export const CIRCUIT_OPTIONS: Readonly<Record<SourceName, CircuitOptions>> = {
  maxmind: { threshold: 3, pauseMs: MS_PER_MINUTE, maxPauseMs: MS_PER_HOUR, trialMs: MS_PER_MINUTE },
  // A bulk session of 10 000 addresses takes up to some four minutes.
  cymru: { threshold: 2, pauseMs: 5 * MS_PER_MINUTE, maxPauseMs: MS_PER_HOUR, trialMs: 5 * MS_PER_MINUTE },
  greynoise: { threshold: 10, pauseMs: 5 * MS_PER_MINUTE, maxPauseMs: MS_PER_HOUR, trialMs: MS_PER_MINUTE },
};

/** Whether requests pass: all of them, none, or one trial. */
export type CircuitPhase = "closed" | "open" | "half_open";

/** Tells whether requests may pass: `half_open` lets one trial through, and while that one is waited for none. */
export function circuitPhase(state: CircuitState, now: number): CircuitPhase {
  const trialAt = nextTrialAt(state);
  if (trialAt === null) return "closed";
  return now < trialAt ? "open" : "half_open";
}

/** From when the next trial may pass; null while closed. */
export function nextTrialAt({ openUntil, trialUntil }: CircuitState): number | null {
  return openUntil === null ? null : Math.max(openUntil, trialUntil ?? 0);
}

/** The state once a caller has taken the trial; the same state when there is none to be had. */
export function takeTrial(
  state: CircuitState,
  { now, trialMs }: { readonly now: number; readonly trialMs: number },
): CircuitState {
  return circuitPhase(state, now) === "half_open" ? { ...state, trialUntil: now + trialMs } : state;
}

/** The state once the trial that lasts until `trialUntil` came to nothing: another may follow at once. */
export function dropTrial(state: CircuitState, trialUntil: number): CircuitState {
  return state.trialUntil === trialUntil ? { ...state, trialUntil: null } : state;
}

/** The state after a success: closed, all forgotten. The same state when there is nothing to forget. */
export function recordSuccess(state: CircuitState): CircuitState {
  return state.failures === 0 && state.openUntil === null ? state : CLOSED_CIRCUIT;
}

/** A failure, when it happened and what it means for the circuit. */
export interface CircuitFailure extends Omit<CircuitOptions, "trialMs"> {
  readonly now: number;
  readonly reason: string;
}

/** The state after a failure. A failed trial opens the circuit again, for longer. */
export function recordFailure(state: CircuitState, failure: CircuitFailure): CircuitState {
  const { now, reason, threshold, pauseMs, maxPauseMs } = failure;
  const { openUntil, trips } = state;
  const failures = state.failures + 1;
  // Requests that were under way when it opened must not lengthen the pause.
  if (openUntil !== null && now < openUntil) return { ...state, failures };
  if (openUntil === null && failures < threshold) return { ...state, failures, reason };
  const pause = Math.min(maxPauseMs, pauseMs * 2 ** Math.min(trips, 20));
  return { failures, trips: trips + 1, openedAt: now, openUntil: now + pause, trialUntil: null, reason };
}
