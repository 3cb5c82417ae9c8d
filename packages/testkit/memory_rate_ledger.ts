import type { Clock, RateLedger, RateName, SlotLease } from "@ipcascade/core";

/** A rate ledger in memory, by the clock that it is given. */
export class MemoryRateLedger implements RateLedger {
  readonly #clock: Clock;
  readonly #nextAt = new Map<RateName, number>();
  /** Counts of the leases so far. */
  readonly leases: number[] = [];
  /** What calls meet instead of the ledger; null while it is there. */
  failure: Error | null = null;
  /** How long an answer is under way, in milliseconds. */
  answerMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async takeSlots(
    name: RateName,
    count: number,
    { intervalMs }: { readonly intervalMs: number },
  ): Promise<SlotLease> {
    if (!Number.isInteger(count) || count < 1 || !(intervalMs > 0) || intervalMs === Infinity) {
      throw new RangeError(`Cannot take ${count} slots of "${name}" every ${intervalMs} ms`);
    }
    if (this.failure !== null) throw this.failure;
    const now = this.#clock.elapsed();
    const startsAt = Math.max(now, this.#nextAt.get(name) ?? 0);
    this.#nextAt.set(name, startsAt + count * intervalMs);
    this.leases.push(count);
    if (this.answerMs > 0) await this.#clock.sleep(this.answerMs);
    return { count, startInMs: startsAt - now };
  }
}
