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
