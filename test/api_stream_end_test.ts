import { assertEquals, assertStringIncludes } from "@std/assert";
import { createApp, DEFAULT_POLICY } from "@ipcascade/api";
import { StoreError, VERSION } from "@ipcascade/core";
import type { EnrichRun, InputItem, Operations } from "@ipcascade/operations";
import { FakeClock } from "@ipcascade/testkit";
import { createGuard } from "../apps/api/guard.ts";
import { createRouter } from "../apps/api/router.ts";
import { createTraffic, ServerEndingError } from "../apps/api/traffic.ts";
import { createIpsRoutes } from "../apps/api/routes/ips.ts";
import { openApiWorld } from "./api_world.ts";

const TEXT = { "content-type": "text/plain" };

/** Addresses without end. */
function endless(): ReadableStream<Uint8Array<ArrayBuffer>> {
  let next = 0;
  return new ReadableStream({
    pull: (controller) => {
      let text = "";
      for (let i = 0; i < 1_000; i++, next++) text += `10.${next >> 16}.${(next >> 8) & 255}.${next & 255}\n`;
      controller.enqueue(new TextEncoder().encode(text));
    },
  }, { highWaterMark: 0 });
}

function request(body: ReadableStream<Uint8Array<ArrayBuffer>>, query = ""): Request {
  return new Request(
    `http://127.0.0.1/v1/ips${query}`,
    { method: "POST", headers: TEXT, body, duplex: "half" } as RequestInit,
  );
}

Deno.test("POST /v1/ips ends with a line of its own when the database fails on the way", async () => {
  await using world = await openApiWorld();
  const enrich = (): EnrichRun => ({
    records: (async function* () {
      yield await Promise.resolve(
        [{ input: "8.8.8.8", error: { code: "INVALID_ADDRESS", message: "" } }] as const,
      );
      throw new StoreError("Cannot read: the connection is gone, password hunter2");
    })(),
    summary: () => {
      throw new Error("Nobody asks");
    },
  });
  const operations: Operations = { ...world.operations, enrich };
  const app = createApp({ operations, policy: DEFAULT_POLICY, version: VERSION });
  const response = await app.fetch(request(endless()));
  const lines = (await response.text()).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map((line) => [line.input, line.error.code]), [
    ["8.8.8.8", "INVALID_ADDRESS"],
    [undefined, "STORE_FAILED"],
  ]);
  assertEquals(JSON.stringify(lines).includes("hunter2"), false);
});

Deno.test("POST /v1/ips is a problem when the database is away from the beginning", async () => {
  await using world = await openApiWorld({ env: { DATABASE_URL: "postgres://x:secret@127.0.0.1:1/none" } });
  const response = await world.fetch("/v1/ips", { method: "POST", headers: TEXT, body: "8.8.8.8" });
  const text = await response.text();
  assertEquals([response.status, JSON.parse(text).code], [503, "STORE_FAILED"]);
  assertEquals(Number(response.headers.get("retry-after")) > 0, true);
  assertEquals(text.includes("secret"), false);
  const offline = await world.fetch("/v1/ips?offline=1", { method: "POST", headers: TEXT, body: "8.8.8.8" });
  assertStringIncludes(await offline.text(), '"asn_number":15169');
});

/** The routes with a clock that stands still, and how many items were read. */
function openStill(world: { readonly operations: Operations }) {
  const clock = new FakeClock();
  let items = 0;
  const operations: Operations = {
    ...world.operations,
    clock,
    lookUp: (inputs, options) => world.operations.lookUp(counting(inputs), options),
  };
  async function* counting(inputs: AsyncIterable<readonly InputItem[]>) {
    for await (const chunk of inputs) {
      items += chunk.length;
      yield chunk;
    }
  }
  const deps = { operations, policy: DEFAULT_POLICY, version: VERSION };
  const app = createRouter();
  app.use("*", createGuard(deps));
  app.route("/", createIpsRoutes(deps, undefined, { idleMs: 60_000, maxSpan: 256 }));
  return { app, clock, items: () => items, turn: () => new Promise((go) => setTimeout(go, 20)) };
}

Deno.test("POST /v1/ips reads no more than is read of it, and gives up a reader that stands still", async () => {
  await using world = await openApiWorld();
  const { app, clock, items, turn } = openStill(world);
  const response = await app.fetch(request(endless(), "?offline=1"));
  const reader = response.body!.getReader();
  await reader.read();
  await turn();
  const before = items();
  await turn();
  assertEquals(items(), before);
  assertEquals(before < 5_000, true);
  await clock.advance(59_000);
  assertEquals((await reader.read()).done, false);
  await clock.advance(60_000);
  let outcome: unknown = null;
  try {
    while (!(await reader.read()).done);
  } catch (error) {
    outcome = error;
  }
  assertStringIncludes(String(outcome), "60 s");
});

Deno.test("POST /v1/ips gives up a client that sends nothing more, and says so", async () => {
  await using world = await openApiWorld();
  const { app, clock, turn } = openStill(world);
  let isSent = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      if (isSent) return new Promise<void>(() => {});
      isSent = true;
      controller.enqueue(new TextEncoder().encode("10.0.0.1\n".repeat(1_000)));
    },
  });
  const response = await app.fetch(request(body, "?offline=1"));
  const text = response.text();
  for (let i = 0; i < 5; i++) {
    await turn();
    await clock.advance(30_000);
  }
  const lines = (await text).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals([lines.length, lines.at(-1).input, lines.at(-1).error.code], [
    1_001,
    undefined,
    "BODY_STALLED",
  ]);
});

/** A body of one line that never ends, and how to end it badly. */
function openBody(first = "8.8.8.8\n") {
  const broken = Promise.withResolvers<never>();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(first)),
    pull: () => broken.promise,
  });
  return { body, tear: () => broken.reject(new TypeError("connection reset")) };
}

Deno.test("POST /v1/ips tells of the server's end, not of a body that broke off", async () => {
  await using world = await openApiWorld();
  const traffic = createTraffic(world.operations.clock);
  const app = createApp({ operations: world.operations, policy: DEFAULT_POLICY, version: VERSION, traffic });
  const { body, tear } = openBody();
  const response = await app.fetch(request(body, "?offline=1"));
  const text = response.text();
  traffic.giveUp(new ServerEndingError("The server ends"));
  tear();
  const lines = (await text).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.at(-1), { error: { code: "SERVER_ENDING", message: "The server ends" } });
  assertEquals(traffic.inFlight, 0);
});

Deno.test("POST /v1/ips takes a client that leaves for no failure of the server", async () => {
  await using world = await openApiWorld();
  const early = openBody("8.8");
  const asked = world.app.fetch(request(early.body, "?offline=1"));
  early.tear();
  const response = await asked;
  assertEquals([response.status, (await response.json()).code], [400, "BODY_CUT"]);

  const late = openBody();
  const begun = await world.app.fetch(request(late.body, "?offline=1"));
  const reader = begun.body!.getReader();
  await reader.read();
  const pending = reader.read();
  await reader.cancel();
  late.tear();
  await pending;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(world.logged.filter((line) => line.startsWith("error")), []);
});

Deno.test("POST /v1/ips answers damaged gzip with 400, or a last line that tells of it", async () => {
  await using world = await openApiWorld();
  const packed = await new Response(
    new Blob(["8.8.8.8\n"]).stream().pipeThrough(new CompressionStream("gzip")),
  ).bytes();
  const cases: readonly [body: Uint8Array<ArrayBuffer>, statuses: readonly number[]][] = [
    [new TextEncoder().encode("no gzip"), [400]],
    [packed.slice(0, 12), [400]],
    // What could be read is answered, and what could not is told after it.
    [packed.slice(0, -3), [200, 400]],
    [new Uint8Array([...packed, 1, 2]), [200, 400]],
  ];
  for (const [body, statuses] of cases) {
    const headers = { ...TEXT, "content-encoding": "gzip" };
    const response = await world.fetch("/v1/ips?offline=1", { method: "POST", headers, body });
    const last = JSON.parse((await response.text()).trimEnd().split("\n").at(-1)!);
    assertEquals(statuses.includes(response.status), true, `${response.status}`);
    assertEquals(last.code ?? last.error.code, "BODY_DAMAGED");
  }
  assertEquals(world.logged.filter((line) => line.startsWith("error")), []);
});
