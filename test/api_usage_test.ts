import { assertEquals } from "@std/assert";
import { openApiWorld } from "./api_world.ts";

const NAMES = "limit, period, used, reason";
const JSON_HEADERS = { "content-type": "application/json" };

Deno.test("the API quotes what it can't read and says what is allowed", async (t) => {
  await using world = await openApiWorld();
  const read = async (path: string, init?: RequestInit) => {
    const response = await world.fetch(path, init);
    const { code, detail } = await response.json();
    return [response.status, code, detail];
  };
  const queries = [
    ["/v1/ips/8.8.8.8?refesh=1", 'Cannot take "refesh" in the query: allowed are refresh, offline, sources'],
    ["/v1/health?format=xml", 'Cannot read format "xml": allowed are json, nagios'],
    ["/v1/health?stict=1", 'Cannot take "stict" in the query: allowed are strict, format'],
    ["/v1/quota?x", 'Cannot take "x" in the query: none is allowed here'],
    ["/v1/editions?x=1", 'Cannot take "x" in the query: none is allowed here'],
    ["/v1/alerts?x=1", 'Cannot take "x" in the query: none is allowed here'],
    ["/v1/diagnostics/memory?x=1", 'Cannot take "x" in the query: none is allowed here'],
    ["/v1/jobs?%22=1", 'Cannot take "\\"" in the query: none is allowed here'],
    ["/v1/reports/coverage?format=pdf", 'Cannot read format "pdf": allowed are json, markdown, csv'],
    ["/v1/reports/coverage?moth=2026-01", 'Cannot take "moth" in the query: allowed are month, format'],
    ["/v1/jobs/back-up/runs?limit=0", 'Cannot read limit "0": allowed is a whole number from 1 to 1000'],
    ["/v1/jobs/back-up/runs?limit=x", 'Cannot read limit "x": allowed is a whole number from 1 to 1000'],
    ["/v1/jobs/back-up/runs?limits=5", 'Cannot take "limits" in the query: allowed is limit'],
    ["/v1/jobs/back-up/runs/1?limit=5", 'Cannot take "limit" in the query: none is allowed here'],
  ] as const;
  for (const [path, detail] of queries) {
    await t.step(`GET ${path}`, async () => assertEquals(await read(path), [400, "BAD_USAGE", detail]));
  }
  const bodies = [
    ['{"usd":5,"limit":1,"period":"day"}', `Cannot take "usd" in the body: allowed are ${NAMES}`],
    ['{"limit":-1,"period":"day"}', "Cannot read limit -1: allowed is a whole number from 0 to 1000000000"],
    ['{"limit":"1","period":"day"}', 'Cannot read limit "1": allowed is a whole number from 0 to 1000000000'],
    ['{"limit":1.5,"period":"day"}', "Cannot read limit 1.5: allowed is a whole number from 0 to 1000000000"],
    ['{"limit":1,"period":"year"}', 'Cannot read period "year": allowed are day, week, month'],
    ['{"limit":1}', "Cannot find period: allowed are day, week, month"],
    ["[]", `Cannot read the body []: allowed is an object with ${NAMES}`],
    ["null", `Cannot read the body null: allowed is an object with ${NAMES}`],
    ["{limit:1}", 'Cannot read the body "{limit:1}": allowed is JSON'],
    ["", 'Cannot read the body "": allowed is JSON'],
  ] as const;
  for (const [body, detail] of bodies) {
    await t.step(`PUT /v1/quota ${body}`, async () => {
      const order = { method: "PUT", body, headers: JSON_HEADERS };
      assertEquals(await read("/v1/quota", order), [400, "BAD_USAGE", detail]);
    });
  }
  await t.step("PUT /v1/quota of another type", async () => {
    const order = { method: "PUT", body: '{"limit":1,"period":"day"}', headers: { "content-type": "a/b" } };
    const detail = 'Cannot read a body of type "a/b": allowed as Content-Type is application/json';
    assertEquals(await read("/v1/quota", order), [415, "UNSUPPORTED_BODY", detail]);
  });
  await t.step("a key of idempotency", async () => {
    const order = { method: "POST", headers: { "idempotency-key": "a b" } };
    const detail = 'Cannot read idempotency-key "a b": allowed are 1 to 200 visible ASCII characters';
    assertEquals(await read("/v1/jobs/back-up/runs", order), [400, "BAD_USAGE", detail]);
  });
  await t.step("POST /v1/ips with a misspelt query", async () => {
    const order = { method: "POST", body: "8.8.8.8", headers: { "content-type": "text/plain" } };
    const detail = 'Cannot take "ofline" in the query: allowed are refresh, offline, sources';
    assertEquals(await read("/v1/ips?ofline=1", order), [400, "BAD_USAGE", detail]);
  });
});
