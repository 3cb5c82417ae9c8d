import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { know, openGuardWorld } from "./_test_guard_world.ts";

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function openTokenWorld() {
  return openGuardWorld({
    tokens: [await know("read", "look"), await know("operate", "work"), await know("read", "look-too")],
  });
}

async function readCode(response: Response): Promise<string> {
  return (await response.json()).code;
}

Deno.test("the guard tells bearers by their tokens and names them by their place", async () => {
  const { ask } = await openTokenWorld();
  const cases = [
    ["look", "read token 1 from 127.0.0.1", "read"],
    ["work", "operate token 2 from 127.0.0.1", "operate"],
    ["look-too", "read token 3 from 127.0.0.1", "read"],
    ["look", "read token 1 from 127.0.0.1", "read"],
  ] as const;
  for (const [token, caller, scope] of cases) {
    const response = await ask("/v1/thing", { headers: bearer(token) });
    assertEquals(await response.json(), { caller, scope }, token);
  }
});

Deno.test("the guard answers 401 with a challenge to what is no known token, 403 to too small a scope", async () => {
  const { ask } = await openTokenWorld();
  const cases: readonly (readonly [Record<string, string>, number, string])[] = [
    [{}, 401, "TOKEN_MISSING"],
    [bearer("wrong"), 401, "TOKEN_UNKNOWN"],
    [{ authorization: "Bearer" }, 401, "TOKEN_MALFORMED"],
    [{ authorization: "Bearer a b" }, 401, "TOKEN_MALFORMED"],
    [{ authorization: "Basic bG9vazo=" }, 401, "TOKEN_MALFORMED"],
    [bearer("look"), 403, "SCOPE_TOO_SMALL"],
    [{ authorization: "bEARER work" }, 202, ""],
  ];
  for (const [headers, status, code] of cases) {
    const response = await ask("/v1/jobs/x/runs", { method: "POST", headers });
    assertEquals(response.status, status, JSON.stringify(headers));
    if (status === 401) assertStringIncludes(response.headers.get("www-authenticate") ?? "", "Bearer");
    if (status !== 202) assertEquals(await readCode(response), code);
  }
});

Deno.test("the guard sends people without a token to the login, and programs a problem", async () => {
  const { ask } = await openTokenWorld();
  const page = await ask("/page?x=1", { headers: { accept: "text/html,*/*" } });
  assertEquals([page.status, page.headers.get("location")], [303, "/login?next=%2Fpage%3Fx%3D1"]);
  assertEquals((await ask("/page")).status, 401);
  assertEquals((await ask("/v1/thing", { headers: { accept: "text/html" } })).status, 401);
});

Deno.test("the guard takes the cookie of its own pages only", async () => {
  const { ask } = await openTokenWorld();
  const cookie = "a=b; ipcascade_token=work";
  const cases: readonly (readonly [string, Record<string, string>, number])[] = [
    ["GET", { cookie }, 200],
    ["GET", { cookie: "__Host-ipcascade_token=look; ipcascade_token=wrong" }, 200],
    ["GET", { cookie: "ipcascade_token=%E0%A4%A" }, 401],
    ["GET", { cookie, "sec-fetch-site": "cross-site" }, 401],
    ["POST", { cookie }, 403],
    ["POST", { cookie, "sec-fetch-site": "same-site" }, 403],
    ["POST", { cookie, origin: "http://evil.example" }, 403],
    ["POST", { cookie, origin: "null" }, 403],
    ["POST", { cookie, origin: "http://127.0.0.1:8080" }, 202],
    ["POST", { cookie, "sec-fetch-site": "same-origin" }, 202],
  ];
  for (const [method, headers, status] of cases) {
    const response = await ask(method === "GET" ? "/v1/thing" : "/v1/jobs/x/runs", { method, headers });
    assertEquals(response.status, status, `${method} ${JSON.stringify(headers)}`);
  }
});

Deno.test("the guard without tokens answers no page of another site and no foreign name", async () => {
  const { ask } = openGuardWorld();
  const run = (headers: Record<string, string>) => ask("/v1/jobs/x/runs", { method: "POST", headers });
  assertEquals((await run({})).status, 202);
  assertEquals((await run({ "sec-fetch-site": "same-origin" })).status, 202);
  assertEquals((await run({ "sec-fetch-site": "cross-site" })).status, 403);
  assertEquals((await run({ origin: "http://127.0.0.1:9" })).status, 403);
  // An image of another site would spend a provider's quota.
  assertEquals((await ask("/v1/thing", { headers: { "sec-fetch-site": "cross-site" } })).status, 403);
  for (
    const path of ["/ips/8.8.8.8", "/?ip=8.8.8.8", "/?%69p=8.8.8.8", "/fragments/answer?ip=8.8.8.8", "/page"]
  ) {
    for (const site of ["cross-site", "same-site"]) {
      assertEquals((await ask(path, { headers: { "sec-fetch-site": site } })).status, 403, path);
    }
  }
  for (const path of ["/", "/livez"]) {
    assertEquals((await ask(path, { headers: { "sec-fetch-site": "cross-site" } })).status, 200, path);
  }
  for (const host of ["localhost", "localhost:8080", "[::1]:8080", "127.0.0.1:8080", "127.8.8.8"]) {
    assertEquals((await ask("/v1/thing", { host })).status, 200, host);
  }
  for (const host of ["evil.example", "127.0.0.1.evil.example", "localhost.evil:80", "192.0.2.1"]) {
    assertEquals(await readCode(await ask("/v1/thing", { host })), "FOREIGN_HOST", host);
  }
});

Deno.test("the guard counts requests by address, by /64 and by token, and says when to come again", async () => {
  const rateLimit = { count: 2, perMs: 1_000, burst: 2, exemptsLoopback: true };
  const world = openGuardWorld({ rateLimit });
  const status = async (client: string) => (await world.ask("/v1/thing", { client })).status;
  assertEquals([await status("192.0.2.1"), await status("192.0.2.1")], [200, 200]);
  const refused = await world.ask("/v1/thing", { client: "192.0.2.1" });
  assertEquals([refused.status, refused.headers.get("retry-after")], [429, "1"]);
  assertEquals(await status("::ffff:192.0.2.1"), 429);
  assertEquals(await status("192.0.2.2"), 200);
  assertEquals([await status("2001:db8::1"), await status("2001:db8::2")], [200, 200]);
  assertEquals([await status("2001:db8::3"), await status("2001:db8:0:1::3")], [429, 200]);
  for (let i = 0; i < 5; i++) assertEquals(await status("127.0.0.1"), 200);
  for (let i = 0; i < 5; i++) {
    assertEquals((await world.ask("/livez", { client: "192.0.2.1" })).status, 200, "a probe has no limit");
  }
  world.time.ms += 500;
  assertEquals([await status("192.0.2.1"), await status("192.0.2.1")], [200, 429]);

  const tokens = openGuardWorld({ tokens: [await know("read", "look")], rateLimit });
  const asked = [];
  for (let i = 1; i <= 3; i++) {
    asked.push((await tokens.ask("/v1/thing", { client: `192.0.2.${i}`, headers: bearer("look") })).status);
  }
  assertEquals(asked, [200, 200, 429]);
});

Deno.test("the guard stops who tries tokens, and lets known ones pass", async () => {
  const { ask, time } = await openTokenWorld();
  const client = "127.0.0.1";
  assertEquals((await ask("/v1/thing", { client, headers: bearer("look") })).status, 200);
  for (let i = 0; i < 20; i++) {
    assertEquals((await ask("/v1/thing", { client, headers: bearer(`guess-${i}`) })).status, 401);
  }
  assertEquals(await readCode(await ask("/v1/thing", { client, headers: bearer("work") })), "TOO_MANY_TRIES");
  assertEquals((await ask("/login", { client, method: "POST" })).status, 429);
  assertEquals((await ask("/v1/thing", { client, headers: bearer("look") })).status, 200);
  assertEquals((await ask("/v1/thing", { client: "::1", headers: bearer("work") })).status, 200);
  time.ms += 1_000;
  // A refused login is a try, too.
  assertEquals((await ask("/login", { client, method: "POST" })).status, 401);
  assertEquals((await ask("/login", { client, method: "POST" })).status, 429);
});

Deno.test("the guard counts tokens that are tried at once as if they came one after the other", async () => {
  const { ask } = await openTokenWorld();
  const all = Array.from({ length: 60 }, (_, i) => i);
  const count = async (answers: readonly Promise<Response>[]) => {
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    return [401, 429].map((status) => statuses.filter((one) => one === status).length);
  };
  assertEquals(
    await count(all.map((i) => ask("/v1/thing", { client: "192.0.2.1", headers: bearer(`guess-${i}`) }))),
    [20, 40],
  );
  const go = Promise.withResolvers<void>();
  const body = () => new ReadableStream({ pull: (controller) => go.promise.then(() => controller.close()) });
  const logins = all.map(() => ask("/login", { client: "192.0.2.2", method: "POST", body: body() }));
  go.resolve();
  assertEquals(await count(logins), [20, 40]);
});

Deno.test("the guard counts no try for a login that was let in", async () => {
  const { ask } = await openTokenWorld();
  const logIn = (token: string) => ask("/login", { method: "POST", headers: { "x-token": token } });
  for (let i = 0; i < 30; i++) assertEquals((await logIn("right")).status, 303);
  assertEquals((await logIn("wrong")).status, 401);
});

Deno.test("the guard takes a proxy's word on the client only from proxies that are trusted", async () => {
  const { ask } = openGuardWorld({ trustedProxies: ["10.0.0.0/8"] });
  const cases: readonly (readonly [string, Record<string, string>, string])[] = [
    ["192.0.2.1", { "x-forwarded-for": "198.51.100.1" }, "192.0.2.1"],
    ["10.0.0.1", { "x-forwarded-for": "198.51.100.1" }, "198.51.100.1"],
    ["10.0.0.1", { "x-forwarded-for": "127.0.0.1, 198.51.100.1, 10.2.3.4" }, "198.51.100.1"],
    ["10.0.0.1", { "x-forwarded-for": "198.51.100.1, garbage" }, "10.0.0.1"],
    ["10.0.0.1", { forwarded: 'for=192.0.2.9, for="[2001:db8::1]:4711";proto=https' }, "2001:db8::1"],
    ["10.0.0.1", { "x-forwarded-for": "198.51.100.1:443" }, "198.51.100.1"],
    ["10.0.0.1", { forwarded: "for=192.0.2.9", "x-forwarded-for": "198.51.100.1" }, "10.0.0.1"],
    ["10.0.0.1", { forwarded: "for=192.0.2.9", "x-forwarded-for": "1.1.1.1, 192.0.2.9" }, "192.0.2.9"],
    ["10.0.0.1", {}, "10.0.0.1"],
  ];
  for (const [client, headers, found] of cases) {
    const { caller } = await (await ask("/v1/thing", { client, headers })).json();
    assertEquals(caller, `anybody from ${found}`, JSON.stringify(headers));
  }
  const https = await ask("/v1/thing", { client: "10.0.0.1", headers: { "x-forwarded-proto": "https" } });
  assert(https.headers.has("strict-transport-security"));
  const faked = await ask("/v1/thing", { client: "192.0.2.1", headers: { "x-forwarded-proto": "https" } });
  assertFalse(faked.headers.has("strict-transport-security"));
});

Deno.test("the guard limits URLs and bodies, also of bodies that don't say their length", async () => {
  const { ask } = openGuardWorld();
  assertEquals((await ask(`/v1/thing?${"x".repeat(9_000)}`)).status, 414);
  const post = (body: BodyInit, headers: Record<string, string> = {}) =>
    ask("/v1/jobs/x/runs", { method: "POST", body, headers });
  const stream = (size: number) =>
    new ReadableStream({
      start(controller) {
        for (let at = 0; at < size; at += 1_000) controller.enqueue(new Uint8Array(1_000).fill(97));
        controller.close();
      },
    });
  assertEquals((await post("x", { "content-length": "65537" })).status, 413);
  assertEquals((await post("x", { "content-length": "nonsense" })).status, 413);
  assertEquals((await post(stream(70_000))).status, 413);
  assertEquals((await (await post(stream(5_000))).json()).body.length, 5_000);
  assertEquals((await post("no form", { "content-type": "multipart/form-data; boundary=x" })).status, 400);
});

Deno.test("the guard gives a request up after its time, whether its work obeys or not", async () => {
  for (const path of ["/v1/held", "/v1/obedient"]) {
    const world = openGuardWorld({ requestTimeoutMs: 1_000 });
    const asked = world.ask(path);
    const moving = setInterval(() => world.time.ms += 2_000, 20);
    const response = await asked;
    clearInterval(moving);
    assertEquals([response.status, await readCode(response)], [503, "GIVEN_UP"], path);
    assert(response.headers.has("retry-after"));
    assertEquals(world.traffic.size, 0);
    world.release();
  }
});

Deno.test("the guard says of a change that was given up that it may be made all the same", async () => {
  const world = openGuardWorld({ requestTimeoutMs: 1_000 });
  const asked = world.ask("/v1/held", { method: "PUT" });
  const moving = setInterval(() => world.time.ms += 2_000, 20);
  const { detail } = await (await asked).json();
  clearInterval(moving);
  assertStringIncludes(detail, "the change may be made all the same");
  world.release();
});

Deno.test("the guard works on so many requests at once, and answers probes whatever goes on", async () => {
  const world = openGuardWorld({ concurrency: 1 });
  const held = world.ask("/v1/held");
  const busy = await world.ask("/v1/thing");
  assertEquals([busy.status, busy.headers.get("retry-after")], [503, "1"]);
  assertEquals((await world.ask("/livez")).status, 200);
  world.release();
  assertEquals((await held).status, 200);
  assertEquals((await world.ask("/v1/thing")).status, 200);
});

Deno.test("the guard waits for bodies beside what it works on, and not for long", async () => {
  const world = openGuardWorld({ concurrency: 1 });
  const endless = () => new ReadableStream({ pull: () => new Promise<void>(() => {}) });
  const slow = ["/login", "/v1/jobs/x/runs"].map((path) =>
    world.ask(path, { method: "POST", body: endless() })
  );
  assertEquals((await world.ask("/v1/thing")).status, 200);
  world.time.ms += 6_000;
  for (const answer of slow) {
    const response = await answer;
    assertEquals([response.status, await readCode(response)], [408, "BODY_SLOW"]);
  }
  assertEquals(world.traffic.inFlight, 0);
  const held = world.ask("/v1/held");
  const late = world.ask("/v1/jobs/x/runs", { method: "POST", body: "x" });
  assertEquals((await late).status, 503);
  world.release();
  await held;
});

Deno.test("the guard adds headers that keep browsers from harm, and leaves a handler's own", async () => {
  const { ask } = openGuardWorld();
  const data = (await ask("/v1/thing")).headers;
  assertEquals(data.get("x-content-type-options"), "nosniff");
  assertEquals(data.get("cache-control"), "no-store");
  assertStringIncludes(data.get("content-security-policy") ?? "", "default-src 'none'");
  assertFalse(data.has("access-control-allow-origin"));
  const page = (await ask("/page")).headers;
  assertStringIncludes(page.get("content-security-policy") ?? "", "script-src 'self'");
  assertFalse((page.get("content-security-policy") ?? "").includes("unsafe"));
  for (const name of ["referrer-policy", "permissions-policy"]) {
    assert(page.has(name), name);
  }
});

Deno.test("the guard takes a request id over when it is fit, else makes one", async () => {
  const { ask } = openGuardWorld();
  const id = async (given: string) =>
    (await ask("/v1/none", { headers: { "x-request-id": given } })).headers.get("x-request-id") ?? "";
  assertEquals(await id("abc-1.2_X"), "abc-1.2_X");
  for (const unfit of ["", "a b", "x".repeat(65), "<script>", "é"]) {
    assertMatch(await id(unfit), /^[\da-f]{8}-/);
  }
  const response = await ask("/v1/none", { headers: { "x-request-id": "mine" } });
  assertEquals((await response.json()).request_id, "mine");
});

Deno.test("the guard answers what throws with a problem that tells nothing, and logs why", async () => {
  for (const path of ["/v1/throws", "/v1/throws-a-text"]) {
    const { ask, logged } = openGuardWorld();
    const response = await ask(path);
    assertEquals(response.status, 500, path);
    assertFalse((await response.text()).includes("secret text"));
    assertStringIncludes(logged.join("\n"), "secret text");
  }
});

Deno.test("the guard logs failures, refusals and changes, without query and token; all or nothing when told", async () => {
  const tokens = [await know("operate", "work")];
  const quiet = openGuardWorld({ tokens });
  await quiet.ask("/v1/thing", { headers: bearer("work") });
  assertEquals(quiet.logged, []);
  await quiet.ask("/v1/thing?key=hidden", { headers: bearer("wr0ng") });
  await quiet.ask("/v1/jobs/x/runs", {
    method: "POST",
    headers: { ...bearer("work"), "x-request-id": "r1" },
  });
  assertEquals(quiet.logged.length, 2);
  assertEquals(
    quiet.logged[1],
    'info Request {"request":"r1","method":"POST","status":202,"client":"127.0.0.1","path":"/v1/jobs/x/runs","ms":0,"by":"operate token 1"}',
  );
  assertFalse(/hidden|wr0ng|"work"/.test(quiet.logged.join()));
  const busy = openGuardWorld({ concurrency: 0 });
  // Probes are answered all the same.
  assertEquals([(await busy.ask("/readyz")).status, (await busy.ask("/v1/health")).status], [503, 503]);
  assertEquals(busy.logged.map((line) => line.includes("/v1/health")), [true]);
  const ill = openGuardWorld();
  for (const path of ["/readyz", "/v1/health?strict=1"]) assertEquals((await ill.ask(path)).status, 503);
  assertEquals(ill.logged, []);
  const all = openGuardWorld({ accessLog: "all" });
  await all.ask("/v1/thing");
  assertEquals(all.logged.length, 1);
  const off = openGuardWorld({ accessLog: "off" });
  await off.ask("/v1/jobs/x/runs", { method: "POST" });
  assertEquals(off.logged, []);
});

Deno.test("answerUnknown() names the methods of a known path; HEAD works wherever GET does", async () => {
  const { ask } = openGuardWorld();
  const wrong = await ask("/v1/thing", { method: "DELETE" });
  assertEquals([wrong.status, wrong.headers.get("allow")], [405, "GET, HEAD, OPTIONS"]);
  const options = await ask("/v1/jobs/x/runs", {
    method: "OPTIONS",
    headers: { origin: "http://a.example" },
  });
  assertEquals([options.status, options.headers.get("allow")], [204, "POST, OPTIONS"]);
  assertFalse(options.headers.has("access-control-allow-origin"));
  const head = await ask("/v1/thing", { method: "HEAD" });
  assertEquals([head.status, await head.text()], [200, ""]);
  assertEquals((await ask("/v1/none")).status, 404);
});
