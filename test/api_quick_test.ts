import { assertEquals, assertStringIncludes } from "@std/assert";
import { createApp, DEFAULT_POLICY } from "@ipcascade/api";
import { buildEdition, FakeClock } from "@ipcascade/testkit";
import { listenOnDeno } from "../apps/api/listen_deno.ts";
import { createMemoryOperations } from "./runtimes/memory_operations.ts";

const TARGETS = [
  "8.8.8.8",
  "8.8.8.8?offline=1",
  "8.8.8.8?offline=true",
  "8.8.8.8?offline=0",
  "8.8.8.8?offline=2",
  "8.8.8.8?",
  "8.8.8.8?offline=1&offline=0",
  "8.8.8.8%3Foffline=1",
  "10.0.0.1?offline=1",
  "2a00:1::1?offline=1",
  "2A00:1:0::1?offline=1",
  "10.0.0.0/8?offline=1",
  "?offline=1",
];
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  {},
  { "x-request-id": "own-1" },
  { "if-none-match": "*" },
  { "if-none-match": '"other"' },
  { "if-none-match": "" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-origin" },
];

/** What a caller gets, without what is new each time. */
async function describe(response: Response): Promise<unknown> {
  const headers = [...response.headers].filter(([name]) => name !== "x-request-id");
  const text = (await response.text())
    .replaceAll(/("duration_ms":)[\d.]+/g, "$1")
    .replaceAll(/("(?:checked_at|enrichment_ts)":)"[^"]*"/g, "$1");
  return [response.status, headers, text.replace(/"request_id":"[^"]*"/, "")];
}

function openOperations() {
  const editions = { city: buildEdition("GeoLite2-City"), asn: buildEdition("GeoLite2-ASN") };
  return { ...createMemoryOperations(editions), clock: new FakeClock() };
}

Deno.test("GET /v1/ips/{ip} says the same on its short way as on the way of everything else", async () => {
  const operations = openOperations();
  const open = (trustedProxies: readonly string[]) => {
    const app = createApp({ operations, policy: { ...DEFAULT_POLICY, trustedProxies }, version: "1" });
    return async (target: string, headers: HeadersInit) =>
      await app.fetch(new Request(`http://127.0.0.1:8080/v1/ips/${target}`, { headers }), {
        client: "127.0.0.1",
      });
  };
  // What comes through a proxy that is trusted is never answered on the short way.
  const [quick, long] = [open([]), open(["127.0.0.1"])];
  for (const target of TARGETS) {
    await (await quick(target, {})).text();
    await (await long(target, {})).text();
    for (const headers of HEADERS) {
      const [given, expected] = [await quick(target, headers), await long(target, headers)];
      const own = headers["x-request-id"];
      if (own !== undefined) assertEquals(given.headers.get("x-request-id"), own);
      assertEquals(await describe(given), await describe(expected), `${target} ${JSON.stringify(headers)}`);
    }
  }
});

Deno.test("GET /v1/ips/{ip} out of memory comes whole to HTTP/1.1 and HTTP/1.0", async () => {
  const operations = openOperations();
  const app = createApp({ operations, policy: DEFAULT_POLICY, version: "1" });
  const hostname = "127.0.0.1";
  const { port, close } = await listenOnDeno({
    host: hostname,
    port: 0,
    answer: (request, bindings) => app.fetch(request, bindings),
    log: operations.log,
  });
  const path = "/v1/ips/8.8.8.8?offline=1";
  const first = await (await fetch(`http://${hostname}:${port}${path}`)).text();
  const ask = async (version: string) => {
    using connection = await Deno.connect({ hostname, port });
    const request = `GET ${path} HTTP/${version}\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`;
    await connection.write(new TextEncoder().encode(request));
    const [head, body] = (await new Response(connection.readable).text()).split("\r\n\r\n");
    return { head: head!.toLowerCase(), body: body! };
  };
  const modern = await ask("1.1");
  assertStringIncludes(modern.head, "\r\ntransfer-encoding: chunked");
  assertEquals(modern.head.includes("content-length"), false);
  assertEquals(modern.body.split("\r\n").slice(0, 3), [first.length.toString(16), first, "0"]);
  const old = await ask("1.0");
  assertStringIncludes(old.head, `\r\ncontent-length: ${first.length}`);
  assertEquals([old.head.includes("transfer-encoding"), old.body], [false, first]);
  assertEquals(await (await fetch(`http://${hostname}:${port}${path}`)).text(), first);
  await close();
});
