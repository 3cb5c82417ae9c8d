import {
  CIRCUIT_OPTIONS,
  type CircuitChange,
  type CircuitPhase,
  circuitPhase,
  type CircuitState,
  type CircuitStore,
  type Clock,
  CLOSED_CIRCUIT,
  dropTrial,
  explainFailure,
  type FailureReason,
  formatInstant,
  type Log,
  nextTrialAt,
  recordFailure,
  recordSuccess,
  type SourceName,
  takeTrial,
} from "@ipcascade/core";

interface CircuitDeps {
  readonly circuits: CircuitStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** One source's circuit breaker as a run sees it: read anew for each part of the work, changed for all processes. */
export class SourceCircuit {
  readonly #source: SourceName;
  readonly #deps: CircuitDeps;
  #state: CircuitState = CLOSED_CIRCUIT;
  /** The end of the trial that this run has taken and not reported. */
  #ownTrial: number | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(source: SourceName, deps: CircuitDeps) {
    this.#source = source;
    this.#deps = deps;
  }

  /** Reads what all processes know. */
  async load(): Promise<void> {
    await this.#inTurn(async () => {
      this.#state = await this.#deps.circuits.readCircuit(this.#source);
    });
  }

  get phase(): CircuitPhase {
    return circuitPhase(this.#state, this.#deps.clock.now());
  }

  /** Tells whether a request may pass now. Half open, the first caller of all processes takes the trial. */
  async mayPass(): Promise<boolean> {
    const { phase } = this;
    if (phase !== "half_open") return phase === "closed";
    const { trialMs } = CIRCUIT_OPTIONS[this.#source];
    const now = this.#deps.clock.now();
    const { before, after } = await this.#change((state) => takeTrial(state, { now, trialMs }));
    if (after !== before) this.#ownTrial = after.trialUntil;
    return after !== before || after.openUntil === null;
  }

  /** When the next trial may pass; null while closed. */
  get openUntil(): number | null {
    return nextTrialAt(this.#state);
  }

  async reportSuccess(): Promise<void> {
    if (this.#state.failures === 0 && this.#state.openUntil === null) return;
    const { before } = await this.#change(recordSuccess);
    this.#ownTrial = null;
    if (before.openUntil !== null) this.#deps.log.info("Source answers again", { source: this.#source });
  }

  /** `threshold` replaces the source's own: 1 opens at once, as for a refused key. */
  async reportFailure(
    failure: FailureReason,
    options: { readonly threshold?: number } = {},
  ): Promise<void> {
    const limits = CIRCUIT_OPTIONS[this.#source];
    const now = this.#deps.clock.now();
    const threshold = options.threshold ?? limits.threshold;
    const reason = explainFailure(this.#source, failure);
    const { before, after } = await this.#change((state) =>
      recordFailure(state, { ...limits, threshold, now, reason })
    );
    this.#ownTrial = null;
    if (after.openUntil === null || after.openUntil === before.openUntil) return;
    const until = formatInstant(after.openUntil);
    this.#deps.log.warn("Source is left alone after failures", { source: this.#source, reason, until });
  }

  /** Gives back a trial that told nothing about the source, so that another may follow at once. */
  async reportNothing(): Promise<void> {
    const trial = this.#ownTrial;
    if (trial === null) return;
    this.#ownTrial = null;
    await this.#change((state) => dropTrial(state, trial));
  }

  #change(change: (state: CircuitState) => CircuitState): Promise<CircuitChange> {
    return this.#inTurn(async () => {
      const result = await this.#deps.circuits.changeCircuit(this.#source, change);
      this.#state = result.after;
      return result;
    });
  }

  /** One after the other: on a pool of connections an older answer could overtake a newer one. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work);
    this.#turn = done.catch(() => {});
    return done;
  }
}
