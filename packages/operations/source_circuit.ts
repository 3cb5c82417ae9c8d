import {
  CIRCUIT_OPTIONS,
  type CircuitPhase,
  circuitPhase,
  type CircuitState,
  type CircuitStore,
  type Clock,
  CLOSED_CIRCUIT,
  type Log,
  recordFailure,
  recordSuccess,
  type SourceName,
} from "@ipcascade/core";

interface CircuitDeps {
  readonly circuits: CircuitStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** One source's circuit breaker as a run sees it: read anew for each batch, written when it changes. */
export class SourceCircuit {
  readonly #source: SourceName;
  readonly #deps: CircuitDeps;
  #state: CircuitState = CLOSED_CIRCUIT;
  #trialUnderWay = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(source: SourceName, deps: CircuitDeps) {
    this.#source = source;
    this.#deps = deps;
  }

  /** Reads what all processes know. */
  async load(): Promise<void> {
    this.#state = await this.#deps.circuits.readCircuit(this.#source);
    this.#trialUnderWay = false;
  }

  get phase(): CircuitPhase {
    return circuitPhase(this.#state, this.#deps.clock.now());
  }

  /** Tells whether a request may pass now. Half open, only the first caller may, until it reports. */
  mayPass(): boolean {
    const { phase } = this;
    if (phase !== "half_open") return phase === "closed";
    if (this.#trialUnderWay) return false;
    this.#trialUnderWay = true;
    return true;
  }

  /** When the next trial may pass; null while closed. */
  get openUntil(): number | null {
    return this.#state.openUntil;
  }

  async reportSuccess(): Promise<void> {
    this.#trialUnderWay = false;
    if (this.#state.failures === 0 && this.#state.openUntil === null) return;
    const wasOpen = this.#state.openUntil !== null;
    await this.#change(recordSuccess());
    if (wasOpen) this.#deps.log.info("Source answers again", { source: this.#source });
  }

  /** `threshold` replaces the source's own: 1 opens at once, as for a refused key. */
  async reportFailure(reason: string, options: { readonly threshold?: number } = {}): Promise<void> {
    this.#trialUnderWay = false;
    const limits = CIRCUIT_OPTIONS[this.#source];
    const now = this.#deps.clock.now();
    const threshold = options.threshold ?? limits.threshold;
    const before = this.#state.openUntil;
    await this.#change(recordFailure(this.#state, { ...limits, threshold, now, reason }));
    if (this.#state.openUntil === before) return;
    const until = new Date(this.#state.openUntil!).toISOString();
    this.#deps.log.warn("Source is left alone after failures", { source: this.#source, reason, until });
  }

  async #change(state: CircuitState): Promise<void> {
    this.#state = state;
    // One after the other: on a pool of connections an older state could overtake a newer one.
    const write = () => this.#deps.circuits.writeCircuit(this.#source, state);
    this.#writing = this.#writing.then(write, write);
    await this.#writing;
  }
}
