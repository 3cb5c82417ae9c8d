import { assertEquals } from "@std/assert";
import { isTransient, SqlError, toSqlError } from "./sql_error.ts";

Deno.test("toSqlError() tells state and message, and masks secrets", () => {
  const driver = Object.assign(new Error("getaddrinfo ENOTFOUND pass@word"), {
    code: "ENOTFOUND",
    parameters: ["x"],
  });
  const error = toSqlError(driver, ["", "pass@word"]);
  assertEquals(error.message, "Cannot use the database: getaddrinfo ENOTFOUND *** (ENOTFOUND)");
  assertEquals([error.sqlState, error.code, error.cause], ["ENOTFOUND", "STORE_FAILED", undefined]);
});

Deno.test("toSqlError() reads errors that say little", () => {
  const refused = Object.assign(new AggregateError([new Error("connect ECONNREFUSED ::1:5432")], ""), {
    code: "ECONNREFUSED",
  });
  const cases = [
    [refused, "Cannot use the database: connect ECONNREFUSED ::1:5432 (ECONNREFUSED)"],
    [new Error("no code"), "Cannot use the database: no code"],
    ["text", "Cannot use the database: the driver failed without a reason"],
    [undefined, "Cannot use the database: the driver failed without a reason"],
  ] as const;
  for (const [thrown, message] of cases) assertEquals(toSqlError(thrown).message, message);
  const known = new SqlError("known", "23505");
  assertEquals(toSqlError(known), known);
});

Deno.test("isTransient() knows deadlocks and serialization failures only", () => {
  const states = ["40P01", "40001", "23505", "57014", null];
  assertEquals(states.map((state) => isTransient(new SqlError("", state))), [
    true,
    true,
    false,
    false,
    false,
  ]);
  assertEquals(isTransient(Object.assign(new Error(), { sqlState: "40P01" })), false);
});

Deno.test("SqlError.refusesRows is true of data exceptions and violated constraints only", () => {
  const states = ["22P02", "23505", "53100", "08006", "57014", "ENOSPC", "22", "23S", null];
  assertEquals(states.filter((state) => new SqlError("", state).refusesRows), ["22P02", "23505"]);
});
