import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertNotStrictEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  equal,
  fail,
} from "./assert.ts";

/** Fails by itself, without the module under test. */
function mustFail(label: string, fn: () => void): AssertionError {
  try {
    fn();
  } catch (error) {
    if (error instanceof AssertionError) return error;
    throw new Error(`${label}: threw another error: ${error}`);
  }
  throw new Error(`${label}: did not fail`);
}

function must(label: string, holds: boolean): void {
  if (!holds) throw new Error(`does not hold: ${label}`);
}

const cyclicA: Record<string, unknown> = { n: 1 };
cyclicA.self = cyclicA;
const cyclicB: Record<string, unknown> = { n: 1 };
cyclicB.self = cyclicB;

const EQUAL_CASES: readonly (readonly [string, unknown, unknown, boolean])[] = [
  ["numbers", 1, 1, true],
  ["NaN", NaN, NaN, true],
  ["zero and minus zero", 0, -0, false],
  ["number and text", 1, "1", false],
  ["null and undefined", null, undefined, false],
  ["nested objects in another key order", { a: [1, { b: 2 }], c: 3 }, { c: 3, a: [1, { b: 2 }] }, true],
  ["one nested difference", { a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, false],
  ["an undefined key and an absent one", { a: undefined }, {}, false],
  ["one more key", { a: 1 }, { a: 1, b: 2 }, false],
  ["swapped absent keys", { a: undefined }, { b: undefined }, false],
  ["array and object", [], {}, false],
  ["arrays of other length", [1], [1, 2], false],
  ["sparse and undefined", [undefined], new Array(1), false],
  ["dates", new Date(5), new Date(5), true],
  ["other dates", new Date(5), new Date(6), false],
  ["patterns", /a/g, /a/g, true],
  ["other flags", /a/g, /a/i, false],
  ["sets in another order", new Set([{ a: 1 }, 2]), new Set([2, { a: 1 }]), true],
  ["other sets", new Set([1]), new Set([2]), false],
  ["maps", new Map([["a", { b: 1 }]]), new Map([["a", { b: 1 }]]), true],
  ["other maps", new Map([["a", 1]]), new Map([["a", 2]]), false],
  ["bytes", new Uint8Array([1, 2]), new Uint8Array([1, 2]), true],
  ["other bytes", new Uint8Array([1, 2]), new Uint8Array([1, 3]), false],
  ["errors by message", new Error("a"), new Error("b"), false],
  ["other classes", new Date(0), { a: 1 }, false],
  ["object without prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }, true],
  ["cycles", cyclicA, cyclicB, true],
  ["symbol keys", { [Symbol.for("x")]: 1 }, { [Symbol.for("x")]: 2 }, false],
];

Deno.test("equal() compares in depth", () => {
  for (const [label, a, b, expected] of EQUAL_CASES) {
    must(label, equal(a, b) === expected);
    must(`${label}, swapped`, equal(b, a) === expected);
  }
});

Deno.test("assertEquals() shows the differing lines when values differ", () => {
  assertEquals({ a: 1 }, { a: 1 });
  const { message } = mustFail(
    "differs",
    () => assertEquals({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }, "why"),
  );
  must("names the reason", message.includes(": why"));
  must("shows what came", message.includes("-       2,"));
  must("shows what was expected", message.includes("+       3,"));
  const long = Array.from({ length: 1000 }, (_, index) => index);
  const { message: short } = mustFail("long", () => assertEquals(long, [...long.slice(0, 999), -1]));
  must("is bounded", short.length < 1000 && short.includes("+     -1"));
});

const PASS_AND_FAIL: readonly (readonly [string, () => void, () => void])[] = [
  ["assert", () => assert(1), () => assert(0)],
  ["assertFalse", () => assertFalse(""), () => assertFalse("x")],
  ["assertNotEquals", () => assertNotEquals<unknown>({ a: 1 }, { a: 2 }), () => assertNotEquals([1], [1])],
  ["assertStrictEquals", () => assertStrictEquals(cyclicA, cyclicA), () => assertStrictEquals([], [])],
  ["assertNotStrictEquals", () => assertNotStrictEquals([], []), () => assertNotStrictEquals(1, 1)],
  ["assertExists", () => assertExists(0), () => assertExists(null)],
  ["assertExists of undefined", () => assertExists(""), () => assertExists(undefined)],
  ["assertInstanceOf", () => assertInstanceOf(new Date(), Date), () => assertInstanceOf({}, Date)],
  ["assertMatch", () => assertMatch("abc", /b/), () => assertMatch("abc", /d/)],
  ["assertNotMatch", () => assertNotMatch("abc", /d/), () => assertNotMatch("abc", /b/)],
  ["assertStringIncludes", () => assertStringIncludes("abc", "bc"), () => assertStringIncludes("abc", "cb")],
  [
    "assertArrayIncludes",
    () => assertArrayIncludes([{ a: 1 }, { a: 2 }], [{ a: 2 }]),
    () => assertArrayIncludes([1, 2], [2, 3]),
  ],
  [
    "assertObjectMatch",
    () => assertObjectMatch({ a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1 } }),
    () => assertObjectMatch({ a: { b: 1 } }, { a: { b: 2 } }),
  ],
  [
    "assertObjectMatch with a missing key",
    () => assertObjectMatch({ a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }] }),
    () => assertObjectMatch({ a: 1 }, { a: 1, b: undefined }),
  ],
  [
    "assertObjectMatch with a longer list",
    () => assertObjectMatch({ a: [1, 2] }, { a: [1, 2] }),
    () => assertObjectMatch({ a: [1, 2] }, { a: [1] }),
  ],
  ["assertAlmostEquals", () => assertAlmostEquals(0.1 + 0.2, 0.3), () => assertAlmostEquals(1, 1.1)],
  [
    "assertAlmostEquals with a tolerance",
    () => assertAlmostEquals(1, 1.1, 0.2),
    () => assertAlmostEquals(1, 1.1, 0.05),
  ],
  ["assertGreater", () => assertGreater(2, 1), () => assertGreater(1, 1)],
  ["assertGreaterOrEqual", () => assertGreaterOrEqual(1, 1), () => assertGreaterOrEqual(0, 1)],
  ["assertLess", () => assertLess(1, 2), () => assertLess(1, 1)],
  ["assertLessOrEqual", () => assertLessOrEqual(1, 1), () => assertLessOrEqual(2, 1)],
  ["assertThrows", () => void assertThrows(() => boom()), () => void assertThrows(() => 1)],
  [
    "assertThrows with a class",
    () => void assertThrows(() => boom(), TypeError, "bo"),
    () => void assertThrows(() => boom(), RangeError),
  ],
  [
    "assertThrows with a message",
    () => void assertThrows(() => boom(), Error, "boom"),
    () => void assertThrows(() => boom(), TypeError, "bang"),
  ],
  ["fail", () => {}, () => fail("x")],
];

function boom(): never {
  throw new TypeError("boom");
}

for (const [label, pass, failing] of PASS_AND_FAIL) {
  Deno.test(`${label} holds when it should and throws when it should`, () => {
    pass();
    mustFail(label, failing);
  });
}

Deno.test("assertThrows() returns the error", () => {
  must("same error", assertThrows(boom, TypeError).message === "boom");
});

Deno.test("assertRejects() returns the error and fails when nothing rejects", async () => {
  const error = await assertRejects(() => Promise.reject(new TypeError("boom")), TypeError, "boom");
  must("same error", error.message === "boom");
  const failures = [
    () => assertRejects(() => Promise.resolve(1)),
    () => assertRejects(() => Promise.reject(new TypeError("boom")), RangeError),
    () => assertRejects(() => Promise.reject(new TypeError("boom")), TypeError, "bang"),
    () => assertRejects(() => boom()),
  ];
  for (const failing of failures) {
    const outcome = await failing().then(() => "held", (reason: unknown) => reason);
    must("rejects with an AssertionError", outcome instanceof AssertionError);
  }
});
