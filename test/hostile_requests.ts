import { connect } from "node:net";
import { Buffer } from "node:buffer";
import fc from "fast-check";

/** One request as it is put on the wire, byte by byte. */
export interface HostileRequest {
  /** Sent one after the other. */
  readonly pieces: readonly string[];
  /** True: the connection is closed before an answer is read. */
  readonly leaves: boolean;
}

const METHODS = [
  ...["GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"],
  ...["PROPFIND", "get", "G\0T", "", "A".repeat(300)],
];

const PLACES = [
  ...[
    "/v1/ips/",
    "/v1/ips",
    "/v1/ips/8.8.8.8",
    "/v1/jobs/",
    "/v1/jobs",
    "/v1/health",
    "/v1/quota",
    "/v1/editions",
  ],
  ...[
    "/v1/reports/coverage",
    "/v1/alerts",
    "/v1/diagnostics/",
    "/metrics",
    "/docs",
    "/openapi.json",
    "/livez",
  ],
  ...[
    "/readyz",
    "/",
    "/login",
    "/logout",
    "/assets/",
    "/ips/",
    "/jobs/x/run",
    "*",
    "",
    "http://evil.example/",
  ],
];

const TAILS = [
  ...[
    "%00",
    "%2e%2e%2f",
    "/../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%ff%fe",
    "%",
    "%zz",
    "%E0%A4%A",
    "\\..\\",
  ],
  ...[
    "';drop+table+ip_inventory;--",
    "<script>alert(1)</script>",
    "${jndi:ldap://127.0.0.1/a}",
    "//",
    "///x",
  ],
  ...[
    "8.8.8.8",
    "8.8.8.8?offline=1",
    "::1%25eth0",
    "999.1.1.1",
    "1.2.3.4/0",
    "0.0.0.0/0",
    "[::]",
    "\u202e",
    "é",
  ],
  ...[
    "?offline=1&offline=0",
    "?refresh=yes",
    "?sources=maxmind,,,",
    "?sources=%00",
    "?a[]=1&a[__proto__]=2",
    "#x",
  ],
  ...[
    "?month=2026-13",
    "?limit=-1",
    "?limit=1e9",
    "?limit=NaN",
    "__proto__",
    "constructor",
    "toString",
    "\t",
    " ",
  ],
  ...["a".repeat(9_000), `?x=${"y".repeat(20_000)}`, "/".repeat(3_000), "%25".repeat(500)],
];

const HEADERS: readonly (readonly [string, string])[] = [
  ["authorization", "Bearer look-token"],
  ["authorization", "Bearer look-token"],
  ["authorization", "Bearer work-token"],
  ["authorization", "Bearer wrong"],
  ["authorization", "Bearer"],
  ["authorization", "Basic b3A6d29yay10b2tlbg=="],
  ["authorization", `Bearer ${"x".repeat(9_000)}`],
  ["authorization", "Bearer \u00ff\u00fe"],
  ["cookie", "ipcascade_token=work-token"],
  ["cookie", "ipcascade_token=%E0%A4%A; __Host-ipcascade_token="],
  ["cookie", "=".repeat(5_000)],
  ["origin", "http://evil.example"],
  ["origin", "null"],
  ["sec-fetch-site", "cross-site"],
  ["host", "evil.example"],
  ["host", ""],
  ["host", "127.0.0.1:99999"],
  ["host", "a b"],
  ["x-forwarded-for", "1.2.3.4, 5.6.7.8"],
  ["forwarded", 'for="_x;;=,for='],
  ["x-request-id", "<script>"],
  ["x-request-id", "fine-1"],
  ["x-http-method-override", "DELETE"],
  ["accept", "text/html"],
  ["accept", "*/*;q=nonsense,,"],
  ["accept-encoding", "gzip;q=-1"],
  ["if-none-match", '"'],
  ["range", "bytes=99-1,-5"],
  ["expect", "100-continue"],
  ["upgrade", "websocket"],
  ["connection", "upgrade, http2-settings"],
  ["content-type", "application/json"],
  ["content-type", "application/x-ndjson"],
  ["content-type", "multipart/form-data; boundary=x"],
  ["content-type", "multipart/form-data"],
  ["content-type", "application/json; charset=utf-7"],
  ["content-type", ";;;"],
  ["content-encoding", "gzip"],
  ["idempotency-key", "k".repeat(3_000)],
  ["x-long", "z".repeat(30_000)],
];

/** What servers refuse before anybody of ours sees it. */
const BROKEN_HEADERS: readonly (readonly [string, string])[] = [
  ["bad name", "x"],
  ["x-folded", "a\r\n b"],
  ["", "x"],
];

const BODIES = [
  ...[
    "",
    "{}",
    "null",
    "[]",
    '"text"',
    "{",
    "1e999",
    '{"__proto__":{"x":1}}',
    '{"remaining":-1}',
    '{"limit":"1"}',
  ],
  ...[
    '{"limit":1e400,"remaining":[{}],"note":{"a":null}}',
    "8.8.8.8\nnot-an-ip\n\u0000\n",
    '["8.8.8.8",{},null]',
  ],
  ...[
    "[".repeat(30_000),
    `${'{"a":'.repeat(8_000)}1`,
    "9".repeat(70_000),
    "--x\r\n\r\nno end",
    "token=%zz&token=",
  ],
  ...['{"ip":"8.8.8.8"}\n{"ip":', "\ufeff{}", "\u0000\u0001\u0002", `"${"x".repeat(66_000)}"`],
];

type Framing = (body: string) => { readonly heads: readonly string[]; readonly pieces: readonly string[] };

const size = (text: string) => Buffer.byteLength(text, "latin1");
const chunked = (body: string) =>
  body === "" ? "0\r\n\r\n" : `${size(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;

/** How a body is told to the server: rightly, wrongly, twice, slowly. */
const FRAMINGS: readonly Framing[] = [
  (body) => ({ heads: [`content-length: ${size(body)}`], pieces: [body] }),
  (body) => ({
    heads: [`content-length: ${size(body)}`],
    pieces: [...body.slice(0, 5)].concat(body.slice(5)),
  }),
  (body) => ({ heads: ["transfer-encoding: chunked"], pieces: [chunked(body)] }),
  (body) => ({
    heads: [`content-length: ${size(body)}`, "transfer-encoding: chunked"],
    pieces: [chunked(body)],
  }),
  (body) => ({ heads: ["content-length: 0", "transfer-encoding: chunked"], pieces: [chunked(body)] }),
  (body) => ({ heads: ["transfer-encoding: gzip, chunked"], pieces: [chunked(body)] }),
  (body) => ({ heads: ["transfer-encoding: xchunked"], pieces: [chunked(body)] }),
  (body) => ({ heads: ["transfer-encoding : chunked"], pieces: [chunked(body)] }),
  (body) => ({ heads: ["content-length: 3", "content-length: 5"], pieces: [body] }),
  (body) => ({ heads: ["content-length: -1"], pieces: [body] }),
  (body) => ({ heads: ["content-length: 99999999999999999999"], pieces: [body] }),
  (body) => ({ heads: [`content-length: ${size(body) + 10}`], pieces: [body] }),
  (body) => ({ heads: [`content-length: ${Math.min(2, size(body))}`], pieces: [body] }),
  (body) => ({ heads: ["transfer-encoding: chunked"], pieces: [`zz\r\n${body}`] }),
  (body) => ({ heads: ["transfer-encoding: chunked"], pieces: [`ffffffffffffffff\r\n${body}`] }),
  (body) => ({
    heads: ["content-length: 4"],
    pieces: [`${body}\r\n\r\nGET /v1/jobs HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`],
  }),
];

const text = (max: number) => fc.string({ unit: "binary", maxLength: max });

const target = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...PLACES.slice(0, -3)), fc.constant("")) },
  { weight: 8, arbitrary: fc.tuple(fc.constantFrom(...PLACES), fc.constantFrom(...TAILS)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...PLACES), text(40)) },
).map(([place, tail]) => place + tail);

/** Requests of somebody who means no good, or whose program is broken. */
export const HOSTILE_REQUEST: fc.Arbitrary<HostileRequest> = fc.record({
  method: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom("GET", "POST", "PUT") },
    { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
  ),
  target,
  version: fc.oneof(
    { weight: 30, arbitrary: fc.constant("HTTP/1.1") },
    { weight: 1, arbitrary: fc.constantFrom("HTTP/1.0", "HTTP/2.0", "HTTP/9", "") },
  ),
  headers: fc.array(
    fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom(...HEADERS) },
      { weight: 1, arbitrary: fc.constantFrom(...BROKEN_HEADERS) },
      { weight: 1, arbitrary: fc.tuple(text(12), text(30)) },
    ),
    { maxLength: 4 },
  ),
  token: fc.constantFrom(null, "look-token", "look-token", "work-token"),
  body: fc.option(fc.constantFrom(...BODIES)),
  framing: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...FRAMINGS.slice(0, 3)) },
    { weight: 1, arbitrary: fc.constantFrom(...FRAMINGS) },
  ),
  leaves: fc.constantFrom(false, false, false, false, false, false, true),
}).map(({ method, target, version, headers, token, body, framing, leaves }) => {
  const framed = body === null ? { heads: [], pieces: [] } : framing(body);
  const heads = [
    ...headers.some(([name]) => name === "host") ? [] : ["host: 127.0.0.1"],
    ...token === null ? [] : [`authorization: Bearer ${token}`],
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...framed.heads,
    "connection: close",
  ];
  return {
    pieces: [`${method} ${target} ${version}\r\n${heads.join("\r\n")}\r\n\r\n`, ...framed.pieces],
    leaves,
  };
});

/** How long an answer is waited for that may never come, as to half a request. */
const PATIENCE_MS = 120;

/** Sends a request over a connection of its own; gives whatever came back. */
export function sendHostile(port: number, { pieces, leaves }: HostileRequest): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(received);
    };
    let timer = setTimeout(end, 20 * PATIENCE_MS);
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(end, PATIENCE_MS);
    };
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", end);
    socket.on("data", (data) => received += data.toString("latin1"));
    socket.once("connect", async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        socket.write(Buffer.from(piece, "latin1"));
        await new Promise((done) => setTimeout(done, 0));
      }
      if (leaves) end();
      else wait();
    });
  });
}
