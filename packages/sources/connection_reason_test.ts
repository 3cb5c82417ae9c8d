import { assertEquals } from "@std/assert";
import { gradeConnectionError } from "./connection_reason.ts";

const coded = (code: string) => Object.assign(new Error("x"), { code });
const failed = (cause: unknown) => new TypeError("fetch failed", { cause });

for (
  const [label, error, expected] of [
    ["a refusal", coded("ECONNREFUSED"), "refused"],
    ["Node's refusal of a fetch", failed(coded("ECONNREFUSED")), "refused"],
    [
      "a refusal after an address without a route",
      new AggregateError([coded("ENETUNREACH"), coded("ECONNREFUSED")]),
      "refused",
    ],
    ["Deno's refusal", failed(new Error("tcp connect error: Connection refused (os error 111)")), "refused"],
    ["an unknown host", coded("ENOTFOUND"), "unresolved"],
    ["a name server that fails", coded("EAI_AGAIN"), "unresolved"],
    ["Deno's unknown host", new TypeError("client error (Connect): dns error"), "unresolved"],
    ["the system's own time limit", coded("ETIMEDOUT"), "timeout"],
    ["no route", coded("EHOSTUNREACH"), "unreachable"],
    ["a reset", coded("ECONNRESET"), "unreachable"],
    ["no error at all", "gone", "unreachable"],
  ] as const
) {
  Deno.test(`gradeConnectionError() takes ${label} for ${expected}`, () => {
    assertEquals(gradeConnectionError(error), expected);
  });
}
