import type { Clock } from "@ipcascade/core";

/** A sleeper of a `YearClock`. */
interface Sleeper {
  readonly dueAt: number;
  /** Whether its time passes by itself. */
  readonly isPaced: boolean;
  readonly wake: () => void;
}

/**
 * What waits for its turn or for another try within a run sleeps no longer. Longer sleeps are limits of work and signs of
 * life: they end when the year gets there, not earlier.
 */
const MAX_PACE_MS = 1_500;

/**
 * Before time that passes by itself ends a limit, what the limit is for gets so many turns more, some tenth of a second: a
 * request that waits its turn among others must not be late because the machine is busy.
 */
const LIMIT_TURNS = 100;

/**
 * A clock that runs through a year as fast as the work allows. Short sleeps, as between two requests, pass at once and
 * move the time; long ones, which are limits, end only when the time has come. `isHopeless` names limits that pass at
 * once all the same, as those of waiting for somebody who never answers.
 */
export class YearClock implements Clock {
  readonly #startAt: number;
  #nowMs: number;
  readonly #sleepers = new Set<Sleeper>();
  #isPumping = false;
  /** Tells of a limit in milliseconds whether it passes at once. */
  isHopeless: (ms: number) => boolean = () => false;

  /** Starts at an instant in milliseconds since 1970 UTC. */
  constructor(startAt: number) {
    this.#startAt = startAt;
    this.#nowMs = startAt;
  }

  /** The instant of the year. */
  readonly now = (): number => this.#nowMs;

  /** Milliseconds since the start. */
  readonly elapsed = (): number => this.#nowMs - this.#startAt;

  /** See the class. */
  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const isPaced = ms <= MAX_PACE_MS || this.isHopeless(ms);
      const leave = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const sleeper = { dueAt: this.#nowMs + Math.max(0, Math.ceil(ms)), isPaced, wake };
      signal?.addEventListener("abort", leave, { once: true });
      this.#sleepers.add(sleeper);
      if (isPaced) this.#pump();
    });
  };

  /** Moves to an instant; whoever sleeps until then wakes, in the order of their time. */
  async moveTo(at: number): Promise<void> {
    for (let next = this.#next(); next !== undefined && next.dueAt <= at; next = this.#next()) {
      this.#wake(next);
      await turn();
    }
    this.#nowMs = Math.max(this.#nowMs, at);
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    void this.#pace().finally(() => this.#isPumping = false);
  }

  /** Wakes one paced sleeper after the other, and limits that come before it. */
  async #pace(): Promise<void> {
    for (;;) {
      // What can go on without the clock does so first, and often ends the sleep.
      await turn();
      if (this.#next(({ isPaced }) => isPaced) === undefined) return;
      const first = this.#next()!;
      if (first.isPaced || await this.#staysFor(first, LIMIT_TURNS)) this.#wake(first);
    }
  }

  /** Whether somebody still sleeps after some turns. */
  async #staysFor(sleeper: Sleeper, turns: number): Promise<boolean> {
    for (let count = 0; count < turns && this.#sleepers.has(sleeper); count++) await turn();
    return this.#sleepers.has(sleeper);
  }

  #wake(sleeper: Sleeper): void {
    this.#sleepers.delete(sleeper);
    this.#nowMs = Math.max(this.#nowMs, sleeper.dueAt);
    sleeper.wake();
  }

  #next(matches: (sleeper: Sleeper) => boolean = () => true): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (matches(sleeper) && (first === undefined || sleeper.dueAt < first.dueAt)) first = sleeper;
    }
    return first;
  }
}

/** Lets what waits for files and sockets go on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
