import { assertEquals } from "@std/assert";
import { describeConnectionFailure } from "./connection_failure.ts";

const coded = (code: string, message = "x") => Object.assign(new Error(message), { code });
const failed = (cause: unknown) => new TypeError("fetch failed", { cause });

for (
  const [label, error, failure, state] of [
    ["Node's refusal", failed(coded("ECONNREFUSED")), "network", "the connection was refused"],
    ["Bun's refusal", coded("ConnectionRefused"), "network", "the connection was refused"],
    [
      "Deno's refusal",
      new TypeError(
        "error sending request for url (http://h/?signature=x): client error (Connect): tcp connect error: Connection refused (os error 111)",
      ),
      "network",
      "the connection was refused",
    ],
    [
      "a refusal of each of two addresses",
      failed(new AggregateError([coded("ECONNREFUSED"), coded("ECONNREFUSED")])),
      "network",
      "the connection was refused",
    ],
    ["an unknown host", failed(coded("ENOTFOUND")), "network", "the name of the host is not known"],
    [
      "Deno's unknown host",
      new TypeError("client error (Connect): dns error: failed to lookup address information"),
      "network",
      "the name of the host is not known",
    ],
    ["no way", failed(coded("ENETUNREACH")), "network", "the host can't be reached"],
    ["a reset", failed(coded("ECONNRESET")), "network", "the connection was reset"],
    [
      "a socket that closed",
      failed(coded("UND_ERR_SOCKET", "other side closed")),
      "network",
      "the connection was reset",
    ],
    ["a timeout of the fetch", new DOMException("x", "TimeoutError"), "network", "no answer in time"],
    ["undici's timeout", failed(coded("UND_ERR_CONNECT_TIMEOUT")), "network", "no answer in time"],
    [
      "a certificate",
      new TypeError("client error (Connect): invalid peer certificate: UnknownIssuer"),
      "network",
      "the certificate of the server is not accepted",
    ],
    [
      "a proxy's question",
      failed(new Error("Proxy Authentication Required (407)")),
      "unauthorized",
      "the proxy asks for other credentials",
    ],
    [
      "a tunnel's question",
      failed(new Error("Proxy response (407) !== 200 when HTTP Tunneling")),
      "unauthorized",
      "the proxy asks for other credentials",
    ],
    [
      "a tunnel that is refused",
      failed(new Error("Proxy response (403) !== 200 when HTTP Tunneling")),
      "network",
      "the proxy refuses to connect",
    ],
    [
      "a SOCKS proxy's refusal",
      failed(coded("UND_ERR_SOCKS5_REPLY_2")),
      "network",
      "the SOCKS5 proxy refuses to connect",
    ],
    ["anything else", new TypeError("secret"), "network", "the connection failed"],
    ["no error", "ECONNREFUSED", "network", "the connection failed"],
    ["an error that is its own cause", cyclic(), "network", "the connection failed"],
  ] as const
) {
  Deno.test(`describeConnectionFailure() says of ${label}: ${state}`, () => {
    assertEquals(describeConnectionFailure(error), { failure, state });
  });
}

function cyclic(): Error {
  const error = new Error("x");
  error.cause = error;
  return error;
}
