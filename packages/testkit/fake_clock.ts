/** What a clock may be started from: milliseconds since 1970, RFC 3339 text, or a date. */
export type Instant = number | string | Date;

interface Timer {
  readonly dueAt: number;
  readonly order: number;
  readonly fire: () => void;
}

/** A clock that stands still until it is told. It fits core's `Clock`. */
export class FakeClock {
  #now: number;
  #elapsed = 0;
  #order = 0;
  #timers: Timer[] = [];
  readonly #waiters = new Set<() => void>();

  /** Stands at an instant; default 2026-11-23T12:00:00Z. */
  constructor(start: Instant = "2026-11-23T12:00:00Z") {
    this.#now = millisecondsOf(start);
  }

  /** Milliseconds since 1970-01-01T00:00:00Z. A bound function, to be passed on as it is. */
  readonly now = (): number => this.#now;

  /** Milliseconds that were advanced, whatever was `set`. */
  readonly elapsed = (): number => this.#elapsed;

  /** The instant as a date. */
  get date(): Date {
    return new Date(this.#now);
  }

  /** How many sleepers wait. */
  get sleepers(): number {
    return this.#timers.length;
  }

  /** Resolves once the clock was advanced by `ms`; rejects with the signal's reason when it aborts first. */
  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        reject(signal?.reason);
      };
      const timer: Timer = {
        dueAt: this.#elapsed + Math.max(0, ms),
        order: this.#order++,
        fire: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#timers.push(timer);
      for (const wake of [...this.#waiters]) wake();
    });
  };

  /** Sets the wall clock, forwards or back; sleepers go on sleeping. */
  set(instant: Instant): void {
    this.#now = millisecondsOf(instant);
  }

  /**
   * Lets time pass: sleepers wake in the order of their time, each seeing its own instant, and what they do at
   * once is done before the next wakes.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    for (let timer = this.#nextTimer(end); timer !== undefined; timer = this.#nextTimer(end)) {
      this.#moveTo(timer.dueAt);
      this.#timers = this.#timers.filter((other) => other !== timer);
      timer.fire();
      await settle();
    }
    this.#moveTo(end);
    await settle();
  }

  /** Resolves when at least `count` sleepers wait. */
  async waitForSleepers(count = 1): Promise<void> {
    while (this.#timers.length < count) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiters.delete(wake);
          resolve();
        };
        this.#waiters.add(wake);
      });
    }
  }

  #nextTimer(end: number): Timer | undefined {
    return this.#timers
      .filter(({ dueAt }) => dueAt <= end)
      .sort((a, b) => a.dueAt - b.dueAt || a.order - b.order)[0];
  }

  #moveTo(elapsed: number): void {
    this.#now += Math.max(0, elapsed - this.#elapsed);
    this.#elapsed = Math.max(this.#elapsed, elapsed);
  }
}

function millisecondsOf(instant: Instant): number {
  const ms = typeof instant === "number" ? instant : new Date(instant).getTime();
  if (Number.isNaN(ms)) throw new TypeError(`Cannot read instant "${instant}": not a date`);
  return ms;
}

/** Lets promises that are already resolved run their course, several steps deep. */
async function settle(): Promise<void> {
  for (let step = 0; step < 20; step++) await Promise.resolve();
}
