import { assertStrictEquals } from "@std/assert";
import { isCertainlyUnsent } from "./fetch_failure.ts";

const coded = (code: string, message = "x") => Object.assign(new Error(message), { code });
const failed = (cause: unknown) => new TypeError("fetch failed", { cause });

for (
  const [label, error, expected] of [
    ["Node's refusal", failed(coded("ECONNREFUSED")), true],
    ["Node's unknown host", failed(coded("ENOTFOUND")), true],
    [
      "Node's refusal of each of two addresses",
      failed(
        new AggregateError([coded("ECONNREFUSED"), coded("ECONNREFUSED")]),
      ),
      true,
    ],
    [
      "one refusal and one reset",
      failed(new AggregateError([coded("ECONNREFUSED"), coded("ECONNRESET")])),
      false,
    ],
    ["Bun's refusal", coded("ConnectionRefused"), true],
    [
      "Deno's refusal",
      new TypeError("client error (Connect): tcp connect error: Connection refused (os error 111)"),
      true,
    ],
    [
      "Deno's unknown host",
      new TypeError("client error (Connect): dns error: failed to lookup address information"),
      true,
    ],
    ["a reset", failed(coded("ECONNRESET")), false],
    ["a socket that closed", failed(coded("UND_ERR_SOCKET", "other side closed")), false],
    ["an error that is its own cause", cyclic(), false],
    ["no error", "ECONNREFUSED", false],
  ] as const
) {
  Deno.test(`isCertainlyUnsent() says ${expected} of ${label}`, () => {
    assertStrictEquals(isCertainlyUnsent(error), expected);
  });
}

function cyclic(): Error {
  const error = new Error("x");
  error.cause = error;
  return error;
}
