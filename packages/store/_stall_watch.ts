/** Looks in the time of the longest wait. */
const LOOKS = 10;

/** Notices when what is waited for does not come for a long time, without a timer for each wait. */
export class StallWatch {
  readonly #lookMs: number;
  readonly #onStall: () => void;
  #timer: ReturnType<typeof setTimeout>;
  #isWaiting = false;
  #looks = 0;

  /** Calls `onStall` when one wait takes longer than `limitMs`, or a tenth more. */
  constructor(limitMs: number, onStall: () => void) {
    this.#lookMs = limitMs / LOOKS;
    this.#onStall = onStall;
    this.#timer = setTimeout(() => this.#look(), this.#lookMs);
  }

  /** Watches one wait. */
  async wait<T>(work: PromiseLike<T>): Promise<T> {
    this.#looks = 0;
    this.#isWaiting = true;
    try {
      return await work;
    } finally {
      this.#isWaiting = false;
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    if (this.#isWaiting && ++this.#looks > LOOKS) return this.#onStall();
    this.#timer = setTimeout(() => this.#look(), this.#lookMs);
  }
}
