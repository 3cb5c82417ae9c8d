/**
 * Tells whether two values are equal in depth, by the rules of `@std/assert`: same prototype, same own
 * keys (a key holding `undefined` differs from an absent one), `NaN` equals `NaN`, `0` differs from `-0`.
 */
export function equal(actual: unknown, expected: unknown): boolean {
  return compare(actual, expected, new Map());
}

/** Tells whether a value is an object, arrays and functions excluded. */
export function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function compare(a: unknown, b: unknown, seen: Map<unknown, unknown>): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (constructorOf(a) !== constructorOf(b)) return false;
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (a instanceof RegExp || a instanceof URL) return String(a) === String(b);
  if (a instanceof Error && b instanceof Error && (a.message !== b.message || a.name !== b.name)) {
    return false;
  }
  if (a instanceof Set && b instanceof Set) return compareSets(a, b, seen);
  if (a instanceof Map && b instanceof Map) return compareMaps(a, b, seen);
  if (a instanceof ArrayBuffer && b instanceof ArrayBuffer) {
    return compareBytes(new Uint8Array(a), new Uint8Array(b));
  }
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) return compareBytes(bytesOf(a), bytesOf(b));
  if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length) return false;
  return compareKeys(a, b, seen);
}

function constructorOf(value: object): unknown {
  // An object without prototype (`Object.create(null)`) counts as a plain one.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return Object;
  return (prototype as { readonly constructor?: unknown }).constructor;
}

function compareKeys(a: object, b: object, seen: Map<unknown, unknown>): boolean {
  const keys = ownKeys(a);
  if (keys.length !== ownKeys(b).length) return false;
  return keys.every((key) =>
    Object.hasOwn(b, key) && compare(Reflect.get(a, key), Reflect.get(b, key), seen)
  );
}

function ownKeys(value: object): PropertyKey[] {
  return Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
}

function compareSets(a: Set<unknown>, b: Set<unknown>, seen: Map<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  const rest = [...b];
  for (const item of a) {
    const index = rest.findIndex((other) => compare(item, other, new Map(seen)));
    if (index < 0) return false;
    rest.splice(index, 1);
  }
  return true;
}

function compareMaps(
  a: Map<unknown, unknown>,
  b: Map<unknown, unknown>,
  seen: Map<unknown, unknown>,
): boolean {
  if (a.size !== b.size) return false;
  const rest = [...b];
  for (const [key, value] of a) {
    const index = rest.findIndex(([otherKey, other]) =>
      compare(key, otherKey, new Map(seen)) && compare(value, other, new Map(seen))
    );
    if (index < 0) return false;
    rest.splice(index, 1);
  }
  return true;
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function compareBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
