import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import type { ApiEnv } from "../api_deps.ts";
import { isOwnForm, isSecure, readLocalPath } from "./request_origin.ts";

Deno.test("readLocalPath() leads to no other site", () => {
  const cases: readonly (readonly [next: unknown, path: string])[] = [
    ["/", "/"],
    ["/?ip=8.8.8.8", "/?ip=8.8.8.8"],
    ["/ips/8.8.8.8#x", "/ips/8.8.8.8"],
    [undefined, "/"],
    [["/a"], "/"],
    ["", "/"],
    ["ips", "/"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["/\t/evil.example", "/"],
    ["/.//evil.example", "/"],
    ["/a/..//evil.example", "/"],
    ["/\r\nset-cookie:x", "/"],
    ["https://evil.example/", "/"],
    ["javascript:alert(1)", "/"],
    ["/\u202E", "/"],
  ];
  for (const [next, path] of cases) assertEquals(readLocalPath(next), path, JSON.stringify(next));
});

/** What the functions say of a request with these headers. */
async function judge(headers: Readonly<Record<string, string>>, url = "http://here.example:8080/x") {
  const app = new Hono<ApiEnv>();
  app.post("/x", (c) => c.json([isOwnForm(c), isSecure(c)]));
  return await (await app.request(url, { method: "POST", headers })).json();
}

Deno.test("isOwnForm() refuses what a browser sends from another site", async () => {
  const own = { host: "here.example:8080" };
  const cases: readonly (readonly [headers: Readonly<Record<string, string>>, isOwn: boolean])[] = [
    [{}, true],
    [{ "sec-fetch-site": "same-origin" }, true],
    [{ "sec-fetch-site": "none" }, true],
    [{ "sec-fetch-site": "same-site" }, false],
    [{ "sec-fetch-site": "cross-site", "origin": "http://here.example:8080" }, false],
    [{ origin: "http://here.example:8080" }, true],
    [{ origin: "https://here.example:8080" }, true],
    [{ origin: "http://here.example:9090" }, false],
    [{ origin: "http://evil.example" }, false],
    [{ origin: "null" }, false],
  ];
  for (const [headers, isOwn] of cases) {
    assertEquals((await judge({ ...own, ...headers }))[0], isOwn, JSON.stringify(headers));
  }
});

Deno.test("isSecure() believes the address, and a proxy", async () => {
  assertEquals((await judge({}))[1], false);
  assertEquals((await judge({ "x-forwarded-proto": "https" }))[1], true);
  assertEquals((await judge({}, "https://here.example/x"))[1], true);
});
