/**
 * A bounded cache of two generations: when the young one is full it becomes the old one, and what was not asked
 * for since is forgotten. As cheap as a `Map`, with no list to keep in order.
 */
export class GenerationCache<Value> {
  readonly #generationSize: number;
  #young = new Map<number, Value>();
  #old = new Map<number, Value>();

  /** Holds at most `maxEntries` entries. */
  constructor(maxEntries: number) {
    this.#generationSize = Math.max(1, Math.floor(maxEntries / 2));
  }

  /** Entries held. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** What was kept under a key; undefined when nothing is. */
  find(key: number): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#old.delete(key);
    this.keep(key, old);
    return old;
  }

  /** Keeps a value. */
  keep(key: number, value: Value): void {
    if (this.#young.size >= this.#generationSize) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
