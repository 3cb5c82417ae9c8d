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
  readonly reason: string | null;
}

/** Keeps the circuit states where every process sees them. Methods throw `StoreError`. */
export interface CircuitStore {
  readCircuit(source: SourceName): Promise<CircuitState>;
  writeCircuit(source: SourceName, state: CircuitState): Promise<void>;
}

/** A circuit that never failed. */
export const CLOSED_CIRCUIT: CircuitState = {
  failures: 0,
  trips: 0,
  openedAt: null,
  openUntil: null,
  reason: null,
};

/** When a circuit opens and for how long. */
export interface CircuitOptions {
  /** Failures in a row that open it. */
  readonly threshold: number;
  /** First pause; doubles with each failed trial. */
  readonly pauseMs: number;
  readonly maxPauseMs: number;
}

/**
 * Per source: MaxMind counts batches in which every look-up failed, Cymru whole sessions, GreyNoise single requests. A
 * source that fails for one address in ten fails ten times in a row once in ten thousand million requests.
 */
export const CIRCUIT_OPTIONS: Readonly<Record<SourceName, CircuitOptions>> = {
  maxmind: { threshold: 3, pauseMs: MS_PER_MINUTE, maxPauseMs: MS_PER_HOUR },
  cymru: { threshold: 2, pauseMs: 5 * MS_PER_MINUTE, maxPauseMs: MS_PER_HOUR },
  greynoise: { threshold: 10, pauseMs: 5 * MS_PER_MINUTE, maxPauseMs: MS_PER_HOUR },
};

/** Whether requests pass: all of them, none, or one trial. */
export type CircuitPhase = "closed" | "open" | "half_open";

/** Tells whether requests may pass: `half_open` lets one trial through. */
export function circuitPhase(state: CircuitState, now: number): CircuitPhase {
  if (state.openUntil === null) return "closed";
  return now < state.openUntil ? "open" : "half_open";
}

/** The state after a success: closed, all forgotten. */
export function recordSuccess(): CircuitState {
  return CLOSED_CIRCUIT;
}

/** The state after a failure. A failed trial opens the circuit again, for longer. */
export function recordFailure(
  state: CircuitState,
  options: CircuitOptions & { readonly now: number; readonly reason: string },
): CircuitState {
  const { now, reason, threshold, pauseMs, maxPauseMs } = options;
  const failures = state.failures + 1;
  const phase = circuitPhase(state, now);
  // Requests that were under way when it opened must not lengthen the pause.
  if (phase === "open") return { ...state, failures };
  if (phase === "closed" && failures < threshold) return { ...state, failures, reason };
  const pause = Math.min(maxPauseMs, pauseMs * 2 ** Math.min(state.trips, 20));
  return { failures, trips: state.trips + 1, openedAt: now, openUntil: now + pause, reason };
}
