/** What is sent at a bounded rate, each at a rate of its own. */
export type RateName = "cymru_dns" | "cymru_whois" | "greynoise";

/** Slots in which one request each may be sent, one after the other at the rate's interval. */
export interface SlotLease {
  readonly count: number;
  /** Milliseconds from the moment of granting to the first slot; 0 when it is now. */
  readonly startInMs: number;
}

/** Hands out the slots of a rate, for all processes together, by one clock that is nobody's own. */
export interface RateLedger {
  /**
   * Takes the next `count` slots in one atomic step. No slot is granted twice, and none that has passed: a rest
   * saves nothing up. Slots of a process that dies pass unused. Throws `StoreError` when the ledger can't be read
   * or written, and `RangeError` for counts and intervals that are none; the caller then sends nothing.
   */
  takeSlots(name: RateName, count: number, options: { readonly intervalMs: number }): Promise<SlotLease>;
}
