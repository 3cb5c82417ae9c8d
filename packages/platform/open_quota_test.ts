import { hostname } from "node:os";
import { assert, assertMatch } from "@std/assert";
import { describeOperator } from "./open_quota.ts";

Deno.test("describeOperator() names the user and the machine", () => {
  const operator = describeOperator();
  assertMatch(operator, /^[^@\s][^@]*@.+$/);
  assert(operator.endsWith(`@${hostname()}`), operator);
});
