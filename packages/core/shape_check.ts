/** Tells whether outside data is what it should be. */
export type Check = (value: unknown) => boolean;

/** A text. */
export const text: Check = (value) => typeof value === "string";
/** A whole number from 0. */
export const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
/** A number from 0. */
export const amount: Check = (value) => typeof value === "number" && value >= 0;
/** An instant that a date can be read from. */
export const instant: Check = (value) => typeof value === "string" && !Number.isNaN(Date.parse(value));
/** Hexadecimal digits, so many. */
export function hex(digits: number): Check {
  return (value) => typeof value === "string" && value.length === digits && /^[0-9a-f]*$/i.test(value);
}

/** One of these. */
export function oneOf(...values: readonly unknown[]): Check {
  return (value) => values.includes(value);
}

/** This, or null. */
export function maybe(check: Check): Check {
  return (value) => value === null || check(value);
}

/** This, or nothing at all. */
export function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

/** A list of these. */
export function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

/** An object with these fields. Fields that a newer program added are let through. */
export function shaped(shape: Readonly<Record<string, Check>>): Check {
  return (value) =>
    typeof value === "object" && value !== null &&
    Object.entries(shape).every(([field, check]) => check((value as Record<string, unknown>)[field]));
}
