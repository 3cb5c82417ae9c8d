import { MS_PER_DAY } from "@ipcascade/core";

/** Requests that the provider allows, until it cuts them. */
export const FIRST_QUOTA = { limit: 500, period: "day" } as const;
/** What it cuts them to; weeks start on Monday. */
export const CUT_QUOTA = { limit: 25, period: "week" } as const;

/** 1970 began on a Thursday. */
const MONDAY_MS = 4 * MS_PER_DAY;

/** What GreyNoise keeps of its customer. */
export class GreynoiseAccount {
  readonly #now: () => number;
  readonly #cutAt: number;
  /** Requests by the window in which they came. */
  readonly answered = new Map<string, number>();
  readonly refused = new Map<string, number>();

  /** Goes by a clock; the quota is cut at an instant. */
  constructor(now: () => number, cutAt: number) {
    this.#now = now;
    this.#cutAt = cutAt;
  }

  /** Counts a request. */
  readonly isOverLimit = (): boolean => {
    const now = this.#now();
    const isCut = now >= this.#cutAt;
    const window = isCut ? weekOf(now) : formatDay(now);
    const isOver = (this.answered.get(window) ?? 0) >= (isCut ? CUT_QUOTA : FIRST_QUOTA).limit;
    const counts = isOver ? this.refused : this.answered;
    counts.set(window, (counts.get(window) ?? 0) + 1);
    return isOver;
  };
}

/** The name of a week. */
export function weekOf(at: number): string {
  return `week of ${formatDay(at - (at - MONDAY_MS) % (7 * MS_PER_DAY))}`;
}

/** A day of UTC: `2027-03-01`. */
export function formatDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
