import { type Clock, MS_PER_SECOND, type RateLedger, type RateName, StoreError } from "@ipcascade/core";
import type { Limiter } from "./limiter.ts";

/** How to share a rate with other processes. */
export interface SharedLimiterOptions {
  readonly ledger: RateLedger;
  /** Which rate. */
  readonly name: RateName;
  /** Requests in a second by all processes together; more than 0. */
  readonly ratePerSecond: number;
  /** Measures the time and sleeps. */
  readonly clock: Clock;
}

/** Slots are leased for so long at a time: what is asked of the ledger stays far below what is sent. */
const LEASE_MS = 200;
/** A slot that is used later than this may meet those of others: it passes unused. */
const MAX_LATE_MS = 100;
/** The slots of a lease count from when its answer came; one that was under way for longer is not used. */
const MAX_ANSWER_MS = 500;
/** Leases in a row that may be lost in this way. */
const MAX_LOST_LEASES = 5;

/**
 * A limiter that shares its rate with every process that uses the same ledger. Slots are leased ahead, paced by the
 * monotonic clock and handed out in the order of the calls; a caller that gives up leaves its slot to the next one.
 * While the ledger can't be read nobody passes: those who wait get its error. Throws `RangeError` on an impossible
 * rate.
 */
export function createSharedLimiter(options: SharedLimiterOptions): Limiter {
  const { clock, ratePerSecond } = options;
  if (!(ratePerSecond > 0)) {
    throw new RangeError(`Cannot limit to ${ratePerSecond} per second: it is too low`);
  }
  const slots = createSlots(options);
  const waiters = new Set<Waiter>();
  let isDraining = false;
  let nap: AbortController | null = null;

  // One loop hands out all slots, so that nobody overtakes.
  async function drain(): Promise<void> {
    isDraining = true;
    while (waiters.size > 0) {
      const waitMs = slots.nextInMs();
      if (waitMs === null) {
        await slots.lease(waiters.size).catch((error) => rejectAll(waiters, error));
      } else if (waitMs > 0) {
        nap = new AbortController();
        await clock.sleep(Math.ceil(waitMs), nap.signal).catch(() => undefined);
      } else {
        const [first] = waiters;
        slots.use();
        first?.pass();
      }
    }
    isDraining = false;
  }

  return {
    take(signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const leave = () => {
          waiters.delete(waiter);
          signal?.removeEventListener("abort", onAbort);
        };
        const onAbort = () => {
          waiter.fail(signal?.reason);
          if (waiters.size === 0) nap?.abort();
        };
        const waiter: Waiter = {
          pass: () => (leave(), resolve()),
          fail: (reason) => (leave(), reject(reason)),
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        waiters.add(waiter);
        if (!isDraining) void drain();
      });
    },
  };
}

interface Waiter {
  readonly pass: () => void;
  readonly fail: (reason: unknown) => void;
}

function rejectAll(waiters: ReadonlySet<Waiter>, reason: unknown): void {
  for (const waiter of [...waiters]) waiter.fail(reason);
}

/** The slots that this process holds. */
interface Slots {
  /** Milliseconds to the next slot, at most 0 when it is now; null when none is left. */
  nextInMs(): number | null;
  /** Uses the next slot. */
  use(): void;
  /** Gets further slots for so many waiters. Throws `StoreError`. */
  lease(wanted: number): Promise<void>;
}

function createSlots({ ledger, name, ratePerSecond, clock }: SharedLimiterOptions): Slots {
  const intervalMs = MS_PER_SECOND / ratePerSecond;
  const most = Math.max(1, Math.floor(LEASE_MS / intervalMs));
  /** Readings of the monotonic clock, ascending. */
  const held: number[] = [];
  let isCrowded = false;
  let lost = 0;

  return {
    nextInMs() {
      const now = clock.elapsed();
      while (held[0] !== undefined && now - held[0] > MAX_LATE_MS) held.shift();
      return held[0] === undefined ? null : held[0] - now;
    },
    use() {
      held.shift();
    },
    async lease(wanted) {
      const askedAt = clock.elapsed();
      // While others have slots before ours, one at a time: a process that is killed then wastes no more.
      const count = isCrowded ? 1 : Math.min(most, wanted);
      const { startInMs, ...granted } = await ledger.takeSlots(name, count, { intervalMs });
      const now = clock.elapsed();
      if (now - askedAt > MAX_ANSWER_MS) {
        if (++lost < MAX_LOST_LEASES) return;
        lost = 0;
        throw new StoreError(
          `Cannot keep the rate of "${name}": the database took ${Math.round(now - askedAt)} ms to answer, ` +
            `${MAX_ANSWER_MS} ms are allowed`,
        );
      }
      lost = 0;
      isCrowded = startInMs > LEASE_MS;
      for (let index = 0; index < granted.count; index++) held.push(now + startInMs + index * intervalMs);
    },
  };
}
