import { type Clock, MS_PER_MINUTE } from "@ipcascade/core";
import { inLimitedTime } from "../limited_time.ts";

/** How something is kept up to date. */
export interface RefreshedOptions {
  readonly clock: Clock;
  /** Milliseconds between two readings. */
  readonly everyMs: number;
  /** How long a reading may take. */
  readonly limitMs: number;
  /** Told why a reading failed; the value before it stays. */
  readonly onFailure: (error: unknown) => void;
}

/** What could not be read is tried again after so long. */
const RETRY_MS = MS_PER_MINUTE;

/** Keeps something that is dear to read: whoever asks gets what is known, and makes it be read anew where it is old. */
export class Refreshed<T> {
  readonly #read: () => Promise<T>;
  readonly #options: RefreshedOptions;
  #value: T | null = null;
  #reading: Promise<void> | null = null;
  #dueAtMs = -Infinity;

  /** `read` may throw, and is never called while it runs. */
  constructor(read: () => Promise<T>, options: RefreshedOptions) {
    this.#read = read;
    this.#options = options;
  }

  /** What is known, at once; null before the first reading has ended. */
  get(): T | null {
    if (this.#reading === null && this.#options.clock.elapsed() >= this.#dueAtMs) {
      this.#reading = this.#refresh().finally(() => this.#reading = null);
    }
    return this.#value;
  }

  /** Ends with the reading that goes on, if one does. */
  async settle(): Promise<void> {
    await this.#reading;
  }

  /** Takes over what somebody else has just read. */
  put(value: T): void {
    this.#value = value;
    this.#dueAtMs = this.#options.clock.elapsed() + this.#options.everyMs;
  }

  async #refresh(): Promise<void> {
    const { clock, limitMs, everyMs, onFailure } = this.#options;
    try {
      this.put(await inLimitedTime(() => this.#read(), { clock, limitMs }));
    } catch (error) {
      this.#dueAtMs = clock.elapsed() + Math.min(everyMs, RETRY_MS);
      onFailure(error);
    }
  }
}
