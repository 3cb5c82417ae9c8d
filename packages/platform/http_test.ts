import { assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createFetch } from "./http.ts";

async function openServer(serve: RequestListener): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer(serve);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

Deno.test("createFetch() fetches", async () => {
  await using server = await openServer((request, response) => response.end(`key ${request.headers["key"]}`));
  const response = await createFetch({ timeoutMs: 5_000 })(server.url, { headers: { key: "k" } });
  assertEquals([response.status, await response.text()], [200, "key k"]);
});

Deno.test("createFetch() gives up on a server that does not answer", async () => {
  await using server = await openServer(() => {});
  const startedAt = performance.now();
  const error = await assertRejects(() => createFetch({ timeoutMs: 100 })(server.url));
  assertEquals((error as Error).name, "TimeoutError");
  assertGreater(performance.now() - startedAt, 90);
  assertLess(performance.now() - startedAt, 2_000);
});

Deno.test("createFetch() gives up on a body that does not end", async () => {
  await using server = await openServer((_, response) => response.write("half"));
  const response = await createFetch({ timeoutMs: 200 })(server.url);
  const startedAt = performance.now();
  await assertRejects(() => response.text());
  assertLess(performance.now() - startedAt, 2_000);
});

Deno.test("createFetch() is aborted by its caller, before and while it waits", async () => {
  await using server = await openServer(() => {});
  const fetch = createFetch({ timeoutMs: 5_000 });
  await assertRejects(() => fetch(server.url, { signal: AbortSignal.abort(new Error("enough")) }), Error);
  const caller = new AbortController();
  const fetching = fetch(server.url, { signal: caller.signal });
  caller.abort(new Error("enough"));
  await assertRejects(() => fetching, Error);
});

Deno.test("createFetch() follows redirects only when it is told to", async () => {
  await using server = await openServer((request, response) => {
    if (request.url === "/end") return void response.end("end");
    response.writeHead(302, { location: "/end" }).end();
  });
  const manual = await createFetch({ timeoutMs: 5_000 })(server.url);
  assertEquals(manual.status, 302);
  await manual.body?.cancel();
  const following = createFetch({ timeoutMs: 5_000, redirect: "follow" });
  assertEquals(await (await following(server.url)).text(), "end");
  const overruled = await following(server.url, { redirect: "manual" });
  assertEquals(overruled.status, 302);
  await overruled.body?.cancel();
});
