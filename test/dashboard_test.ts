import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type ApiDeps, createApp, DEFAULT_POLICY } from "@ipcascade/api";
import type { Operations } from "@ipcascade/operations";
import { createPageRoutes } from "../apps/api/pages/mod.ts";
import { createRouter } from "../apps/api/router.ts";
import { openApiWorld } from "./api_world.ts";
import { DAY } from "./health_world.ts";

/** The pages as somebody sees them who may do so much. */
function pagesFor(scope: "read" | "operate", operations: Operations) {
  const deps: ApiDeps = { operations, policy: DEFAULT_POLICY, version: "0.1.0" };
  return createRouter().use("*", async (c, next) => {
    c.set("requestId", "1");
    c.set("caller", "a test");
    c.set("scope", scope);
    c.set("signal", AbortSignal.timeout(30_000));
    await next();
  }).route("/", createPageRoutes(deps));
}

const POST = { method: "POST" };

Deno.test("pages: what they are made of, who may press buttons, and what hangs", async (t) => {
  await using world = await openApiWorld({ editions: { buildEpoch: new Date(Date.now() - DAY) } });
  const { operations } = world;

  await t.step("nothing inline, nothing kept, and files whose names change with them", async () => {
    const app = createApp({ operations, policy: DEFAULT_POLICY, version: "0.1.0" });
    const page = await app.request("/");
    assertEquals(page.status, 200);
    const policy = page.headers.get("content-security-policy") ?? "";
    assert(/default-src 'none'/.test(policy) && !/unsafe|https?:|\*/.test(policy), policy);
    assertEquals(page.headers.get("cache-control"), "no-store");
    // Browsers take it from the machine itself; elsewhere on plain http they log an error about it.
    const opener = async (url: string) =>
      (await pagesFor("read", operations).request(url)).headers.get("cross-origin-opener-policy");
    assertEquals(await opener("http://127.0.0.1:8080/"), "same-origin");
    assertEquals(await opener("http://192.0.2.1:8080/"), null);
    const html = await page.text();
    // Whatever the guard's headers say, forms have to name their origin.
    assertStringIncludes(html, '<meta name="referrer" content="same-origin"');
    assertStringIncludes(html, ">https://www.maxmind.com</a>");
    assertEquals(html.includes("Natural Earth"), false, "there is no map yet");
    const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    assertEquals(new Set(files).size, 3);
    for (const path of files) {
      const file = await app.request(path);
      assertEquals(file.headers.get("cache-control"), "public, max-age=31536000, immutable", path);
      assert((await file.text()).length > 100, path);
    }
    assertEquals((await app.request("/assets/0.css")).status, 404);
    const part = await (await app.request("/fragments/board")).text();
    assert(part.startsWith('<div id="board"') && !part.includes("<html"));
  });

  await t.step("who may only look has no buttons, and is refused", async () => {
    const started: string[] = [];
    const startJob: Operations["startJob"] = ({ job }) => {
      started.push(job);
      return Promise.reject(new Error("unexpected"));
    };
    const reader = pagesFor("read", { ...operations, startJob });
    assertEquals((await (await reader.request("/")).text()).includes('/run"'), false);
    assertEquals((await reader.request("/jobs/back-up/run", POST)).status, 403);
    const operator = pagesFor("operate", { ...operations, startJob });
    const foreign = { ...POST, headers: { origin: "https://evil.example" } };
    assertEquals((await operator.request("/jobs/back-up/run", foreign)).status, 403);
    assertEquals((await operator.request("/jobs/drop-tables/run", POST)).status, 404);
    assertEquals(started, []);
    const failed = await operator.request("/jobs/back-up/run", POST);
    assertEquals([failed.status, started], [503, ["back-up"]]);
    assert(!(await failed.text()).includes("unexpected"), "what nobody expected stays in the log");
  });

  await t.step("without tokens nobody signs in", async () => {
    const answer = await pagesFor("operate", operations).request("/login");
    assertEquals([answer.status, answer.headers.get("location")], [303, "/"]);
  });

  await t.step("strangers are told nothing of the server", async () => {
    const policy = { ...DEFAULT_POLICY, tokens: [{ scope: "read" as const, sha256: "0".repeat(64) }] };
    const html = await (await createApp({ operations, policy, version: "9.8.7" }).request("/login")).text();
    assertStringIncludes(html, "Sign in");
    assertEquals([html.includes("9.8.7"), html.includes("MaxMind")], [false, false]);
  });

  await t.step("the quota is the same in the gauge as in words", async () => {
    const report = await operations.checkQuota();
    const checkQuota = () => Promise.resolve({ ...report, remaining: 9_999, remaining_percent: 99.9 });
    const html = await (await pagesFor("read", { ...operations, checkQuota }).request("/")).text();
    assertStringIncludes(html, ">99.9 %</text>");
  });

  await t.step("nothing wrong is not everything well", async () => {
    const html = await (await pagesFor("operate", operations).request("/")).text();
    const report = await operations.checkHealth();
    assertEquals(report.grade, "info");
    assertStringIncludes(html, "No check fails");
    assertMatch(html, /\d+ things to know/);
    assertStringIncludes(html, 'action="/jobs/back-up/run"');
    assertStringIncludes(html, "when a scheduler or cron starts it");
  });

  await t.step("what hangs or breaks is told in its place", async () => {
    const hang = () => new Promise<never>(() => {});
    const app = pagesFor("operate", {
      ...operations,
      // Everybody's patience is over at once.
      clock: { ...operations.clock, sleep: () => Promise.resolve() },
      checkHealth: hang,
      checkQuota: () => Promise.reject(new TypeError("x is undefined")),
    });
    const page = await app.request("/");
    const html = await page.text();
    assertEquals(page.status, 200);
    assertStringIncludes(html, "How things stand is not known");
    assertStringIncludes(html, "no answer within 2 s");
    assertEquals(html.includes("x is undefined"), false);
  });

  await t.step("an address that is none, or nobody's", async () => {
    const app = pagesFor("read", operations);
    for (const text of ["999.1.1.1", "foo", "8.8.8.0%2F24", "8.8.8.1-8.8.8.9", "8.8.8.0%2F99"]) {
      const answer = await app.request(`/ips/${text}`);
      const html = await answer.text();
      assertEquals(answer.status, 400, text);
      const isSpan = text === "8.8.8.0%2F24" || text.includes("-");
      assertStringIncludes(
        html,
        isSpan ? "POST /v1/ips and ipcascade enrich take those" : "allowed are IPv4 and IPv6, such as",
        text,
      );
    }
    assertStringIncludes(await (await app.request("/ips/08.8.8.8")).text(), "leading zeros are not allowed");
    const own = await app.request("/ips/10.0.0.1");
    assertEquals(own.status, 200);
    assertStringIncludes(await own.text(), "It is an address of scope private: no source is asked");
  });
});
