/**
 * The assertion vocabulary of the tests: the names and signatures of `@std/assert`, so that pointing the bare
 * name at `jsr:@std/assert@^1` changes nothing in a test.
 *
 * @module
 */
import { format, formatDifference } from "./_difference.ts";
import { equal, isRecord } from "./_equal.ts";

export { equal };

/** A value that counts as false. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** A class, abstract ones included, as `assertInstanceOf` and `assertThrows` take it. */
export type ConstructorOf<T> = abstract new (...args: never[]) => T;

/** Thrown when an assertion does not hold. */
export class AssertionError extends Error {
  /** Names the failed assertion; `cause` is what it was thrown for. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** Asserts that a value counts as true. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Asserts that a value counts as false. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg || `Expected a false value, got ${format(expr)}`);
}

/** Asserts that two values are equal in depth. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw new AssertionError(
    `Values are not equal${suffix(msg)}\n\n    [Diff] - Actual / + Expected\n\n${
      formatDifference(actual, expected)
    }\n`,
  );
}

/** Asserts that two values differ somewhere in depth. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  throw new AssertionError(`Expected actual to differ from ${format(expected)}${suffix(msg)}`);
}

/** Asserts that two values are the same one, by `Object.is`. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (Object.is(actual, expected)) return;
  throw new AssertionError(
    `Values are not strictly equal${suffix(msg)}\n\n${formatDifference(actual, expected)}\n`,
  );
}

/** Asserts that two values are not the same one, by `Object.is`. */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!Object.is(actual, expected)) return;
  throw new AssertionError(`Expected actual not to be ${format(expected)}${suffix(msg)}`);
}

/** Asserts that a value is neither null nor undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual !== undefined && actual !== null) return;
  throw new AssertionError(`Expected actual: "${actual}" to not be null or undefined${suffix(msg)}`);
}

/** Asserts that a value is an instance of a class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: ConstructorOf<T>,
  msg?: string,
): asserts actual is T {
  if (actual instanceof expectedType) return;
  throw new AssertionError(
    `Expected object to be an instance of "${expectedType.name}" but was ${describe(actual)}${suffix(msg)}`,
  );
}

/** Asserts that a text matches a pattern. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) return;
  throw new AssertionError(`Expected actual: ${format(actual)} to match: ${expected}${suffix(msg)}`);
}

/** Asserts that a text does not match a pattern. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) return;
  throw new AssertionError(`Expected actual: ${format(actual)} to not match: ${expected}${suffix(msg)}`);
}

/** Asserts that a text contains another. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (actual.includes(expected)) return;
  throw new AssertionError(
    `Expected actual: ${format(actual)} to contain: ${format(expected)}${suffix(msg)}`,
  );
}

/** Asserts that every expected item is in a list, by deep equality. */
export function assertArrayIncludes<T>(actual: ArrayLike<T>, expected: ArrayLike<T>, msg?: string): void {
  const missing = Array.from(expected).filter((item) =>
    !Array.from(actual).some((other) => equal(other, item))
  );
  if (missing.length === 0) return;
  throw new AssertionError(
    `Expected actual: ${format(Array.from(actual))} to include: ${format(Array.from(expected))}${
      suffix(msg)
    }\n` +
      `missing: ${format(missing)}`,
  );
}

/** Asserts that an object holds at least the expected keys with the expected values, in depth. */
export function assertObjectMatch(
  actual: object,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  assertEquals<unknown>(pick(actual, expected), expected, msg);
}

/** Asserts that two numbers differ by no more than a tolerance (default: 1e-7 of the expected one). */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  if (Math.abs(expected - actual) <= allowed) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to be close to "${expected}": delta is greater than "${allowed}"${
      suffix(msg)
    }`,
  );
}

/** Asserts that `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (actual > expected) return;
  throw new AssertionError(`Expect ${format(actual)} > ${format(expected)}${suffix(msg)}`);
}

/** Asserts that `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (actual >= expected) return;
  throw new AssertionError(`Expect ${format(actual)} >= ${format(expected)}${suffix(msg)}`);
}

/** Asserts that `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (actual < expected) return;
  throw new AssertionError(`Expect ${format(actual)} < ${format(expected)}${suffix(msg)}`);
}

/** Asserts that `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (actual <= expected) return;
  throw new AssertionError(`Expect ${format(actual)} <= ${format(expected)}${suffix(msg)}`);
}

/** Fails at once. */
export function fail(msg?: string): never {
  throw new AssertionError(`Failed assertion${suffix(msg)}`);
}

/** Asserts that a value is an error, of a class and with a text in its message when these are given. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: ConstructorOf<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) {
    throw new AssertionError(`Expected "error" to be an Error object${suffix(msg)}`, { cause: error });
  }
  if (ErrorClass && !(error instanceof ErrorClass)) {
    throw new AssertionError(
      `Expected error to be instance of "${ErrorClass.name}", but was "${describe(error)}": ${error.message}${
        suffix(msg)
      }`,
      { cause: error },
    );
  }
  if (msgMatches === undefined) return;
  const matches = typeof msgMatches === "string"
    ? error.message.includes(msgMatches)
    : msgMatches.test(error.message);
  if (matches) return;
  const wanted = typeof msgMatches === "string" ? `include ${format(msgMatches)}` : `match ${msgMatches}`;
  throw new AssertionError(
    `Expected error message to ${wanted}, but got ${format(error.message)}${suffix(msg)}`,
    { cause: error },
  );
}

/** Asserts that a function throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Asserts that a function throws an error of a class, with a text in its message; returns that error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ConstructorOf<E>,
  msgIncludes?: string,
  msg?: string,
): E;
/** Asserts that a function throws. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClassOrMsg?: ConstructorOf<E> | string,
  msgIncludesOrMsg?: string,
  msg?: string,
): unknown {
  const message = typeof errorClassOrMsg === "string" ? errorClassOrMsg : msg;
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error;
    if (typeof errorClassOrMsg === "function") {
      assertIsError(thrown, errorClassOrMsg, msgIncludesOrMsg, message);
    }
    return thrown;
  }
  throw new AssertionError(`Expected function to throw${suffix(message)}`);
}

/** Asserts that a promise rejects; returns what it rejected with. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Asserts that a promise rejects with an error of a class, with a text in its message; returns that error. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ConstructorOf<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
/** Asserts that a promise rejects. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClassOrMsg?: ConstructorOf<E> | string,
  msgIncludesOrMsg?: string,
  msg?: string,
): Promise<unknown> {
  const message = typeof errorClassOrMsg === "string" ? errorClassOrMsg : msg;
  let isPromise = false;
  try {
    const promise = fn();
    isPromise = typeof promise?.then === "function";
    await promise;
  } catch (error) {
    if (!isPromise) {
      throw new AssertionError(`Function throws when expected to reject${suffix(message)}`, { cause: error });
    }
    if (typeof errorClassOrMsg === "function") {
      assertIsError(error, errorClassOrMsg, msgIncludesOrMsg, message);
    }
    return error;
  }
  throw new AssertionError(`Expected function to reject${suffix(message)}`);
}

function pick(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.map((item, index) => index < expected.length ? pick(item, expected[index]) : item);
  }
  if (!isRecord(actual) || !isRecord(expected) || !isPlain(expected)) return actual;
  const picked: Record<PropertyKey, unknown> = {};
  for (const key of Reflect.ownKeys(expected)) {
    if (key in actual) picked[key] = pick(actual[key], expected[key]);
  }
  return picked;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function describe(value: unknown): string {
  if (value === null || typeof value !== "object") return `"${typeof value}"`;
  return `"${value.constructor?.name ?? "Object"}"`;
}

function suffix(msg: string | undefined): string {
  return msg ? `: ${msg}` : ".";
}
