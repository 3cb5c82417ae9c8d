import type { Clock, MaxmindSource } from "@ipcascade/core";

/** An answer about one address, ready to be sent. */
export interface IpAnswer {
  /** JSON. A text, for Deno sends texts with less ado than bytes. */
  readonly body: string;
  readonly etag: string;
  /** Until when it holds, in milliseconds since 1970 UTC. */
  readonly staleAt: number;
}

/** How much is remembered. */
export interface MemoryLimits {
  readonly maxAnswers: number;
  readonly maxBytes: number;
  /** How long at most, in milliseconds. */
  readonly maxAgeMs: number;
}

/** A record takes 1 to 1.5 kB. */
export const MEMORY_LIMITS: MemoryLimits = { maxAnswers: 100_000, maxBytes: 64 * 2 ** 20, maxAgeMs: 60_000 };

/** What memory needs to know whether an answer still holds. */
export interface MemoryDeps {
  readonly clock: Clock;
  readonly maxmind: Pick<MaxmindSource, "installed">;
}

/** What holds when an answer begins to be made; see `AnswerMemory.begin`. */
export interface Beginning {
  /** Each pair of editions that serves has an object of its own. */
  readonly installed: MaxmindSource["installed"];
  readonly refreshes: number;
}

interface Kept {
  readonly answer: IpAnswer;
  readonly forgetAtMs: number;
}

/** An answer that may be asked for again soon is remembered for this long. */
const MIN_AGE_MS = 1_000;
/** What keeping an answer costs besides its bytes, roughly. */
const OVERHEAD_BYTES = 300;
/** What is left of a bound that was passed. */
const ROOM = 15 / 16;
const BEYOND_LATIN_1 = /[^\0-\xff]/;

/**
 * Remembers answers for a short while, so that an address that many ask about costs no look-up. What was made with
 * other editions than those that serve is never found.
 */
export class AnswerMemory {
  readonly #deps: MemoryDeps;
  readonly #limits: MemoryLimits;
  readonly #kept = new Map<string, Kept>();
  #installed: MaxmindSource["installed"] = null;
  #refreshes = 0;
  #bytes = 0;

  constructor(deps: MemoryDeps, limits: MemoryLimits = MEMORY_LIMITS) {
    this.#deps = deps;
    this.#limits = limits;
  }

  /** Finds what is remembered; null when there is nothing that holds. `now` is on the clock that never goes back. */
  find(key: string, now: number = this.#deps.clock.elapsed()): IpAnswer | null {
    const kept = this.#kept.get(key);
    if (kept === undefined) return null;
    if (this.#installed !== this.#deps.maxmind.installed) {
      this.clear();
      return null;
    }
    if (kept.forgetAtMs > now) return kept.answer;
    this.#drop(key);
    return null;
  }

  /** To be called before an answer is made. */
  begin(): Beginning {
    return { installed: this.#deps.maxmind.installed, refreshes: this.#refreshes };
  }

  /** Remembers an answer, unless others were asked for or other editions serve since it was begun. */
  keep(key: string, answer: IpAnswer, { installed, refreshes }: Beginning): void {
    const { clock, maxmind } = this.#deps;
    if (installed !== maxmind.installed || refreshes !== this.#refreshes) return;
    if (installed !== this.#installed) this.clear();
    this.#installed = installed;
    const ageMs = Math.min(this.#limits.maxAgeMs, Math.max(MIN_AGE_MS, answer.staleAt - clock.now()));
    this.#drop(key);
    this.#kept.set(key, { answer, forgetAtMs: clock.elapsed() + ageMs });
    this.#bytes += sizeOf(answer);
    this.#makeRoom();
  }

  /** Forgets an answer, for the address was asked about again; what is being made now may be older than that. */
  forget(key: string): void {
    this.#refreshes++;
    this.#drop(key);
  }

  /** Forgets everything. */
  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  /** How much is remembered now. */
  get size(): { readonly answers: number; readonly bytes: number } {
    return { answers: this.#kept.size, bytes: this.#bytes };
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= sizeOf(kept.answer);
  }

  /** The oldest go first, many at once: a map looks past what it forgot each time its first entry is asked for. */
  #makeRoom(): void {
    const { maxAnswers, maxBytes } = this.#limits;
    if (this.#kept.size <= maxAnswers && this.#bytes <= maxBytes) return;
    for (const key of this.#kept.keys()) {
      if (this.#kept.size <= maxAnswers * ROOM && this.#bytes <= maxBytes * ROOM) return;
      this.#drop(key);
    }
  }
}

/** A text is kept with one byte a character as long as Latin-1 has them all, else with two. */
function sizeOf({ body }: IpAnswer): number {
  return (BEYOND_LATIN_1.test(body) ? 2 : 1) * body.length + OVERHEAD_BYTES;
}
