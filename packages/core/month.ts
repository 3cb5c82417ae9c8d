import { UsageError } from "./errors.ts";
import { quoteInput } from "./input_error.ts";

/** A calendar month in UTC. Instants are milliseconds since 1970 UTC. */
export interface Month {
  /** `YYYY-MM`. */
  readonly name: string;
  readonly startsAt: number;
  /** The start of the next month: exclusive. */
  readonly endsAt: number;
}

/** The month that holds an instant. */
export function monthOf(ms: number): Month {
  const date = new Date(ms);
  return monthAt(date.getUTCFullYear(), date.getUTCMonth());
}

/** The month before a month. */
export function monthBefore({ startsAt }: Month): Month {
  return monthOf(startsAt - 1);
}

/** Reads `YYYY-MM`, of the years 1970 to 9998. Throws `UsageError`. */
export function parseMonth(text: string): Month {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text);
  const year = Number(match?.[1]);
  if (match !== null && year >= 1970 && year <= 9998) return monthAt(year, Number(match[2]) - 1);
  throw new UsageError(`Cannot read the month ${quoteInput(text)}: allowed is YYYY-MM, such as 2026-10`);
}

/** The day in UTC that holds an instant: `YYYY-MM-DD`. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function monthAt(year: number, index: number): Month {
  const startsAt = Date.UTC(year, index);
  return { name: dayOf(startsAt).slice(0, 7), startsAt, endsAt: Date.UTC(year, index + 1) };
}
