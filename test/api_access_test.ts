import { assert, assertEquals } from "@std/assert";
import { findAccess } from "@ipcascade/api";
import { openApiWorld } from "./api_world.ts";

/** Who may ask for what, route by route: a route that is not here fails the test below. */
const ACCESS: Readonly<Record<string, "open" | "read" | "operate">> = {
  "get /livez": "open",
  "get /readyz": "open",
  "get /openapi.json": "open",
  "get /v1/ips/{ip}": "read",
  "post /v1/ips": "read",
  "get /v1/health": "read",
  "get /v1/quota": "read",
  "put /v1/quota": "operate",
  "get /v1/editions": "read",
  "get /v1/reports/coverage": "read",
  "get /v1/alerts": "read",
  "get /v1/diagnostics/{topic}": "read",
  "get /v1/jobs": "read",
  "get /v1/jobs/runs": "read",
  "get /v1/jobs/{name}/runs": "read",
  "post /v1/jobs/{name}/runs": "operate",
  "get /v1/jobs/{name}/runs/{id}": "read",
  "get /metrics": "read",
};

const TOKENS = { IPCASCADE_API_TOKENS: "read:look-token,operate:work-token" };

const CALLERS = [
  { name: "no token", headers: {}, refused: { open: false, read: 401, operate: 401 } },
  { name: "a bad one", headers: bearer("bad-token"), refused: { open: false, read: 401, operate: 401 } },
  { name: "read", headers: bearer("look-token"), refused: { open: false, read: false, operate: 403 } },
  { name: "operate", headers: bearer("work-token"), refused: { open: false, read: false, operate: false } },
] as const;

function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}

Deno.test("every route that the reference lists answers those who may ask, and no others", async () => {
  await using world = await openApiWorld({ env: TOKENS });
  const document = await (await world.fetch("/openapi.json")).json();
  const operations = Object.entries<object>(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation }))
  );
  assert(operations.length > 2);
  for (const { path, method, operation } of operations) {
    const route = `${method} ${path}`;
    const access = ACCESS[route];
    assert(access !== undefined, `${route} is not classified`);
    const described = operation as Record<string, unknown>;
    assertEquals(described["x-required-scope"] ?? "open", access, route);
    assertEquals((described.security as unknown[]).length, access === "open" ? 0 : 1, route);
    for (const { name, headers, refused } of CALLERS) {
      // One that nobody can have: what is let in is refused by the route itself.
      const place = path.replace(/\{\w+\}/g, "no-such-thing");
      const response = await world.fetch(place, { method: method.toUpperCase(), headers });
      const expected = refused[access];
      const isRefused = response.status === 401 || response.status === 403;
      assertEquals(isRefused && response.status, expected, `${route} with ${name}: ${response.status}`);
      await response.body?.cancel();
    }
  }
});

Deno.test("findAccess() asks for operate where nothing else is said", () => {
  const cases = [
    ["GET", "/", "read"],
    ["GET", "/docs", "open"],
    ["GET", "/docs/style.css", "open"],
    ["GET", "/docsx", "read"],
    ["HEAD", "/livez", "open"],
    ["POST", "/livez", "operate"],
    ["GET", "/assets/x.js", "open"],
    ["POST", "/login", "open"],
    ["POST", "/v1/ips", "read"],
    ["POST", "/v1/ips/", "operate"],
    ["DELETE", "/v1/ips", "operate"],
    ["POST", "/jobs/back-up/run", "operate"],
    ["PROPFIND", "/v1/x", "operate"],
    ["OPTIONS", "/v1/x", "open"],
  ] as const;
  for (const [method, path, access] of cases) {
    assertEquals(findAccess(method, path), access, `${method} ${path}`);
  }
});
