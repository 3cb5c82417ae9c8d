/**
 * Bounds how long a server may take to let a session in. The driver's own limit is for one try only, and it tries for
 * ever while a server takes connections and closes them at once, as a proxy does that has no server behind it.
 */
export class EntryWatch {
  readonly #limitMs: number | null;
  readonly #giveUp: (error: Error) => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isOver = false;

  /** `limitMs` null waits for ever. */
  constructor(limitMs: number | null, giveUp: (error: Error) => void) {
    this.#limitMs = limitMs;
    this.#giveUp = giveUp;
  }

  /** To be called with each statement: the first one opens the connection. */
  begin(): void {
    if (this.#isOver || this.#timer !== null || this.#limitMs === null) return;
    this.#timer = setTimeout(() => this.#giveUp(timedOut(this.#limitMs!)), this.#limitMs);
  }

  /** The server let us in, or it no longer matters. */
  pass(): void {
    this.#isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

function timedOut(limitMs: number): Error {
  const message = `the server let nobody in within ${Math.round(limitMs / 1_000)} s`;
  return Object.assign(new Error(message), { code: "CONNECT_TIMEOUT" });
}
