import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createApp, DEFAULT_POLICY } from "@ipcascade/api";
import { EditionStoreError, monthOf, VERSION } from "@ipcascade/core";
import type { Operations } from "@ipcascade/operations";
import { openPostgresServer } from "@ipcascade/testkit";
import { type ApiWorld, openApiWorld } from "./api_world.ts";

type World = Pick<ApiWorld, "fetch">;
type Step = readonly [name: string, run: (world: World) => Promise<void>];

async function readJson(world: World, path: string, status = 200) {
  const response = await world.fetch(path);
  const body = await response.json();
  assertEquals(response.status, status, JSON.stringify(body));
  return body;
}

function put(world: World, body: BodyInit, headers = { "content-type": "application/json" }) {
  return world.fetch("/v1/quota", { method: "PUT", body, headers });
}

const STEPS: readonly Step[] = [
  ["GET /v1/health says by status and body what has to be looked at", async (world) => {
    const response = await world.fetch("/v1/health");
    assertEquals(response.headers.get("content-type"), "application/health+json");
    assertMatch(response.headers.get("cache-control")!, /^private, max-age=(\d|10)$/);
    const report = await response.json();
    assertEquals(response.status, report.status === "fail" ? 503 : 200);
    // What a consumer of health+json reads: the status, and names that lead to their checks.
    for (const name of report.failing) assertEquals(report.checks[name].length, 1);
    const again = await readJson(world, "/v1/health", response.status);
    assertEquals(again.checked_at, report.checked_at);
  }],
  ["GET /v1/health?format=nagios is what a plugin prints", async (world) => {
    const { status } = await (await world.fetch("/v1/health")).json();
    const response = await world.fetch("/v1/health?format=nagios");
    assertEquals(response.status, status === "fail" ? 503 : 200);
    const [first] = (await response.text()).split("\n");
    const [, state, , data] = /^IPCASCADE (OK|WARNING|CRITICAL|UNKNOWN) - ([^|]+) \| (.+)$/.exec(first!)!;
    assertEquals(state === "OK", status === "pass");
    for (const one of data!.split(/ (?=')/)) {
      assertMatch(one, /^'[a-z_]+'=-?[\d.]+(ms|%|B)?;[\d.:]*;[\d.:]*;0;[\d.]*$/);
    }
  }],
  ["GET /v1/health?strict=1 makes a warning a 503", async (world) => {
    const { status } = await (await world.fetch("/v1/health")).json();
    const strict = await world.fetch("/v1/health?strict=1");
    await strict.body?.cancel();
    assertEquals(strict.status, status === "pass" ? 200 : 503);
    const head = await world.fetch("/v1/health?strict=true", { method: "HEAD" });
    assertEquals([head.status, await head.text()], [strict.status, ""]);
    const bad = await readJson(world, "/v1/health?strict=maybe", 400);
    assertEquals(bad.detail, 'Cannot read strict "maybe": allowed are 0, 1, true, false');
  }],
  [
    "PUT /v1/quota sets the limit, and GET says what is left of it, with 200 although it is critical",
    async (world) => {
      const order = { limit: 50, period: "week", used: 49, reason: "the account says so" };
      const response = await put(world, JSON.stringify(order));
      const change = await response.json();
      assertEquals(response.status, 200, JSON.stringify(change));
      assertEquals([change.after.limit, change.after.used, change.reason], [50, 49, order.reason]);
      assertStringIncludes(change.actor, "127.0.0.1");
      const report = await readJson(world, "/v1/quota");
      assertEquals([report.grade, report.remaining], ["critical", 1]);
    },
  ],
  ["PUT /v1/quota refuses what is no order", async (world) => {
    const orders = [
      "",
      "{",
      "[]",
      "null",
      '{"limit":-1,"period":"day"}',
      '{"limit":1.5,"period":"day"}',
      '{"limit":10,"period":"year"}',
      '{"limit":10,"period":"day","reason":" "}',
      '{"limit":10,"period":"day","limits":1}',
    ];
    for (const order of orders) {
      const response = await put(world, order);
      assertEquals([order, response.status], [order, 400]);
      assertMatch((await response.json()).code, /^[A-Z_]+$/);
    }
    const text = await put(world, '{"limit":10,"period":"day"}', { "content-type": "text/plain" });
    assertEquals([text.status, (await text.json()).code], [415, "UNSUPPORTED_BODY"]);
    assertEquals((await readJson(world, "/v1/quota")).limit, 50);
  }],
  ["GET /v1/editions tells which serve", async (world) => {
    const report = await readJson(world, "/v1/editions");
    assertEquals(report.items.map((item: { kind: string }) => item.kind), ["city", "asn"]);
    assertEquals(report.serving, "plain");
  }],
  ["GET /v1/reports/coverage reports the present month in every form", async (world) => {
    const record = await world.fetch("/v1/ips/8.8.8.8");
    await record.body?.cancel();
    const present = monthOf(Date.now()).name;
    const report = await readJson(world, "/v1/reports/coverage");
    assertEquals([report.period.month, report.asn.addresses], [present, 1]);
    const markdown = await world.fetch("/v1/reports/coverage", { headers: { accept: "text/markdown, */*" } });
    assertEquals(markdown.headers.get("content-type"), "text/markdown; charset=utf-8");
    assertMatch(await markdown.text(), /^# Enrichment coverage/);
    const csv = await world.fetch(`/v1/reports/coverage?month=${present}&format=csv`);
    assertMatch(await csv.text(), /^month,section,/);
  }],
  ["GET /v1/reports/coverage quotes a month that is none, and tells of one without data", async (world) => {
    for (const month of ["2026-13", "newest", "", "9999-01", "2090-01"]) {
      const problem = await readJson(world, `/v1/reports/coverage?month=${month}`, 400);
      assertStringIncludes(problem.detail, `"${month}"`);
    }
    const problem = await readJson(world, "/v1/reports/coverage?month=2001-01", 404);
    assertEquals(problem.code, "NO_COVERAGE");
    assertStringIncludes(problem.detail, '"2001-01"');
  }],
  ["GET /v1/alerts lists nothing where nothing was seen", async (world) => {
    assertEquals((await readJson(world, "/v1/alerts")).alerts, []);
  }],
  ["GET /v1/diagnostics/{topic} looks at a topic, and lists the topics for another", async (world) => {
    const report = await readJson(world, "/v1/diagnostics/memory");
    assertEquals([report.topic, report.operation], ["memory", "diagnose"]);
    const problem = await readJson(world, "/v1/diagnostics/weather", 404);
    assertStringIncludes(problem.detail, '"weather": allowed are maxmind, cymru, greynoise, latency, memory');
  }],
];

Deno.test("the API reports on the embedded database", async (t) => {
  await using world = await openApiWorld();
  for (const [name, run] of STEPS) await t.step(name, () => run(world));
});

Deno.test("the API reports on a server's database", async (t) => {
  await using server = await openPostgresServer();
  await using world = await openApiWorld({ env: { DATABASE_URL: server.url } });
  for (const [name, run] of STEPS) await t.step(name, () => run(world));
});

Deno.test("the API reports what it can while the database is away", async (t) => {
  await using server = await openPostgresServer();
  const { url } = server;
  await server[Symbol.asyncDispose]();
  await using world = await openApiWorld({ env: { DATABASE_URL: url } });
  await t.step("editions in the database are a problem", async () => {
    const env = { DATABASE_URL: url, EDITION_STORE: "postgres" };
    await using other = await openApiWorld({ env, editions: false });
    assertEquals((await readJson(other, "/v1/editions", 503)).code, "STORE_FAILED");
  });
  for (const path of ["/v1/quota", "/v1/alerts", "/v1/reports/coverage"]) {
    await t.step(`${path} is a problem at once`, async () => {
      const response = await world.fetch(path);
      const problem = await response.json();
      assertEquals([response.status, problem.code], [503, "STORE_FAILED"]);
      assert(Number(response.headers.get("retry-after")) > 0);
    });
  }
  await t.step("PUT /v1/quota is a problem", async () => {
    const response = await put(world, '{"limit":10,"period":"day"}');
    assertEquals([response.status, (await response.json()).code], [503, "STORE_FAILED"]);
  });
  await t.step("health fails and names the database first", async () => {
    const report = await readJson(world, "/v1/health", 503);
    assertEquals([report.status, report.failing[0]], ["fail", "database"]);
  });
  await t.step("editions in files and diagnostics answer", async () => {
    assertEquals((await readJson(world, "/v1/editions")).items.length, 2);
    assertEquals((await readJson(world, "/v1/diagnostics/maxmind")).topic, "maxmind");
  });
});

Deno.test("the API says that what is kept of editions can't be read, and keeps the reason to the log", async () => {
  await using world = await openApiWorld({ editions: false });
  const error = new EditionStoreError('Cannot read "/var/lib/editions": it is a secret place');
  const operations = { ...world.operations, readEditionStatus: () => Promise.reject(error) };
  const app = createApp({ operations, policy: DEFAULT_POLICY, version: VERSION });
  const response = await app.request("/v1/editions", {}, { client: "127.0.0.1" });
  const problem = await response.text();
  assertEquals([response.status, JSON.parse(problem).code], [503, "EDITION_STORE_FAILED"]);
  assertEquals(problem.includes("secret place"), false);
  assertStringIncludes(world.logged.join("\n"), "secret place");
});

Deno.test("the API stops a diagnosis that nobody waits for any more", async () => {
  await using world = await openApiWorld({ editions: false });
  const begun = Promise.withResolvers<AbortSignal>();
  const operations: Operations = {
    ...world.operations,
    diagnose: (_topic, { signal }) => {
      begun.resolve(signal!);
      return new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)));
    },
  };
  const policy = { ...DEFAULT_POLICY, requestTimeoutMs: 50 };
  const app = createApp({ operations, policy, version: VERSION });
  const response = await app.request("/v1/diagnostics/cymru", {}, { client: "127.0.0.1" });
  assertEquals([response.status, (await response.json()).code], [503, "GIVEN_UP"]);
  assertEquals((await begun.promise).aborted, true);
});
