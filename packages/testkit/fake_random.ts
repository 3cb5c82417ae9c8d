/** Random numbers that repeat: a seeded generator (mulberry32). */
export class FakeRandom {
  #state: number;

  /** Starts from a seed; equal seeds give equal numbers. */
  constructor(seed = 1) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1), as `Math.random` gives. A bound function, to be passed on as it is. */
  readonly next = (): number => this.uint32() / 2 ** 32;

  /** An unsigned 32-bit integer. */
  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** One item of a list. Throws a `RangeError` for an empty one. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("Cannot pick an item: the list is empty");
    return items[this.below(items.length)]!;
  }

  /** A copy of a list in another order. */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let index = shuffled.length - 1; index > 0; index--) {
      const other = this.below(index + 1);
      [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
    }
    return shuffled;
  }
}
