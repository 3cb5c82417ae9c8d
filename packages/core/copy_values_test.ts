import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { findCopyCheck } from "./copy_values.ts";

const TABLE: readonly [type: string, good: readonly string[], bad: readonly string[]][] = [
  ["smallint", ["0", "-32768", "32767"], ["32768", "-32769", "", "1.0"]],
  ["integer", ["0", "-2147483648", "2147483647", "10"], [
    "2147483648",
    "-2147483649",
    "01",
    "+1",
    "-0",
    " 1",
    "1e3",
  ]],
  [
    "bigint",
    ["9223372036854775807", "-9223372036854775808", "7"],
    ["9223372036854775808", "-9223372036854775809", "10000000000000000000", "x", "0x1"],
  ],
  ["integer[]", ["{}", "{1,2}", "{NULL,-3}"], ["{", "{1,}", "1", "{a}", "{{1}}", "{1 }"]],
  ["bigint[]", ["{4294967296}"], ["{9223372036854775808}"]],
  [
    "double precision",
    ["0", "-0", "1.5", "1e+300", "5e-324", "NaN", "Infinity", "-Infinity", "1.7976931348623157e+308"],
    ["", "1e309", "1e-400", "nan", "inf", "1,5", ".5", "0x1p3", "1.5 "],
  ],
  ["real", ["3.4028235e+38", "1e-45"], ["3.5e38"]],
  ["numeric", ["0.10", "-12345678901234567890.5", "NaN", "Infinity"], ["1e3", ""]],
  ["numeric(10,2)", ["1.25"], ["x"]],
  ["boolean", ["t", "f"], ["true", "T", "", "1"]],
  [
    "inet",
    [
      "1.2.3.4",
      "0.0.0.0",
      "255.255.255.255",
      "10.0.0.0/8",
      "10.0.0.0/0",
      "::",
      "::1",
      "2001:db8::/32",
      "::ffff:1.2.3.4",
      "::1/128",
    ],
    [
      "1.2.3",
      "1.2.3.4.5",
      "256.1.1.1",
      "1.2.3.04",
      "1.2.3.4/33",
      "::1/129",
      "fe80::1%eth0",
      "",
      "::1/",
      "a",
      "1.2.3.4/",
    ],
  ],
  [
    "uuid",
    ["d2f1c3d4-0000-4000-8000-000000000001"],
    [
      "d2f1c3d4-0000-4000-8000-00000000000",
      "D2F1C3D4-0000-4000-8000-000000000001",
      "d2f1c3d4000040008000000000000001",
    ],
  ],
  ["bytea", ["\\x", "\\x00ff"], ["\\x0", "x00", "\\xFF", "\\x0g", ""]],
  ["json", ["{}", '{"a": "\\u0000"}', " 1 "], ["{", "", "'a'"]],
  [
    "jsonb",
    ["{}", "null", '"\\u001f"', '{"a": [1, 2.50, "\\\\u0000"]}', "123456789012345678901234567890"],
    ["", "{", '{"a": }', '"\\u0000"', '"\\\\\\u0000"', '"\\ud800"', "NaN", "{} {}"],
  ],
  [
    "date",
    [
      "2026-11-26",
      "2024-02-29",
      "2000-02-29",
      "0001-01-01",
      "4714-11-24 BC",
      "0001-02-29 BC",
      "infinity",
      "5874897-12-31",
    ],
    [
      "2026-02-29",
      "1900-02-29",
      "2026-13-01",
      "2026-00-10",
      "2026-01-00",
      "2026-04-31",
      "26-01-01",
      "5874898-01-01",
      "0000-01-01",
    ],
  ],
  [
    "timestamp with time zone",
    [
      "2026-11-26 01:02:03+00",
      "2026-11-26 01:02:03.123456+00",
      "2026-11-30 23:59:59.9-05:30",
      "infinity",
      "-infinity",
      "4714-11-24 00:00:00+00 BC",
      "294276-12-31 23:59:59.999999+00",
    ],
    [
      "2026-11-26",
      "2026-11-31 00:00:00+00",
      "2026-11-26 24:00:00+00",
      "2026-11-26 01:60:00+00",
      "2026-11-26T01:02:03Z",
      "2026-11-26 01:02:03",
      "2026-11-26 01:02:03.1234567+00",
      "294277-01-01 00:00:00+00",
      "Infinity",
      "",
    ],
  ],
  [
    "tstzrange",
    ["empty", "(,)", '["2026-11-26 01:02:03+00","2026-11-27 01:02:03+00")', "[-infinity,infinity]"],
    ["", "[,", '["2026-11-26","2026-11-27")', "(a,b)", "[empty]"],
  ],
  [
    "tstzmultirange",
    [
      "{}",
      "{(,)}",
      '{["2026-11-26 01:02:03+00","2026-11-27 01:02:03+00")}',
      '{(,"2026-11-26 01:02:03+00"],["2026-11-27 01:02:03+00","2026-11-28 01:02:03.5+00"),[infinity,]}',
    ],
    [
      "",
      "{",
      "{empty}",
      '{["2026-11-26 01:02:03+00","2026-11-27 01:02:03+00")',
      '{["2026-11-26 01:02:03+00","2026-11-27 01:02:03+00"),}',
      '{["2026-11-26 01:02:03+00"]}',
      '{["2026-11-26 01:02:03+00","2026-11-32 01:02:03+00")}',
    ],
  ],
  ["text", ["", "anything"], []],
  ["point", ["(1,2)", "whatever"], []],
];

Deno.test("findCopyCheck() tells a type's values from others", async (t) => {
  for (const [type, good, bad] of TABLE) {
    await t.step(type, () => {
      const check = findCopyCheck(type);
      for (const value of good) assertEquals(check(value), true, `good: ${value}`);
      for (const value of bad) assertEquals(check(value), false, `bad: ${value}`);
    });
  }
});

Deno.test("findCopyCheck() takes what the database can hold", () => {
  const accepts = (type: string) => (value: unknown) =>
    assertEquals(findCopyCheck(type)(String(value)), true);
  fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), accepts("bigint")));
  fc.assert(fc.property(fc.double(), accepts("double precision")));
  fc.assert(fc.property(fc.ipV4(), accepts("inet")));
  fc.assert(fc.property(fc.ipV6(), accepts("inet")));
  fc.assert(fc.property(fc.uuid(), accepts("uuid")));
  const years = { min: new Date("1000-01-01"), max: new Date("9999-12-31"), noInvalidDate: true };
  fc.assert(fc.property(fc.date(years), (date) => {
    const [day, time] = date.toISOString().slice(0, -1).split("T");
    accepts("date")(day);
    accepts("timestamp with time zone")(`${day} ${time}+00`);
  }));
});
