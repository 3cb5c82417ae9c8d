import { type GreynoiseReply, parseAddress, StoreError } from "@ipcascade/core";
import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { createVirtualClock, START } from "../_test_clock.ts";
import type { Fetch } from "../fetch.ts";
import type { Limiter } from "../limiter.ts";
import { createGreynoiseSource } from "./community.ts";

const ADDRESS = parseAddress("8.8.8.8")!;
const KEY = "secret-key-0815";
const FREE: Limiter = {
  take: (signal) => signal?.aborted ? Promise.reject(signal.reason) : Promise.resolve(),
};
const HIT = {
  ip: "8.8.8.8",
  noise: false,
  riot: true,
  classification: "benign",
  name: "Google Public DNS",
  link: "https://viz.greynoise.io/riot/8.8.8.8",
  last_seen: "2026-11-20",
  message: "Success",
};

function prepare(
  fetch: Fetch,
  options: { readonly apiKey?: string | null; readonly limiter?: Limiter } = {},
) {
  const clock = createVirtualClock();
  const calls: { readonly url: string; readonly init: RequestInit | undefined }[] = [];
  const source = createGreynoiseSource({
    fetch: (url, init) => {
      calls.push({ url, init });
      return fetch(url, init);
    },
    clock,
    server: "https://api.greynoise.example/",
    apiKey: KEY,
    limiter: FREE,
    ...options,
  });
  return { clock, calls, source };
}

async function ask(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<GreynoiseReply> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const { clock, source } = prepare(() => Promise.resolve(new Response(text, { status, headers })));
  return await clock.run(source.lookUp(ADDRESS, {}));
}

function reasonOf({ outcome }: GreynoiseReply): string {
  return outcome.status === "failed" ? outcome.failure.reason : outcome.status;
}

Deno.test("lookUp() asks for the address with the key and without following redirects", async () => {
  const { clock, calls, source } = prepare(() => Promise.resolve(Response.json(HIT)));
  await clock.run(source.lookUp(ADDRESS, {}));
  assertEquals(calls.map(({ url }) => url), ["https://api.greynoise.example/v3/community/8.8.8.8"]);
  assertEquals(new Headers(calls[0]?.init?.headers).get("key"), KEY);
  assertEquals(calls[0]?.init?.redirect, "manual");
});

for (const apiKey of [null, "", "  "]) {
  Deno.test(`lookUp() sends no key header when the key is ${JSON.stringify(apiKey)}`, async () => {
    const { clock, calls, source } = prepare(() => Promise.resolve(Response.json(HIT)), { apiKey });
    await clock.run(source.lookUp(ADDRESS, {}));
    assertFalse(new Headers(calls[0]?.init?.headers).has("key"));
  });
}

Deno.test("lookUp() reads an answer", async () => {
  assertEquals(await ask(200, HIT), {
    outcome: {
      status: "hit",
      durationMs: 0,
      data: {
        noise: false,
        riot: true,
        classification: "benign",
        name: "Google Public DNS",
        last_seen: "2026-11-20",
        checked_at: "2026-11-23T12:00:00.000Z",
      },
    },
    mayHaveArrived: true,
    limited: null,
  });
});

for (
  const [label, change, expected] of [
    ["controls and NUL in a name", { name: "a\u0000b\n" }, { name: "a b" }],
    ["a name of another type", { name: 7 }, { name: null }],
    ["a name without end", { name: "x".repeat(5000) }, { name: "x".repeat(200) }],
    ["no classification", { classification: undefined }, { classification: null }],
    ["a moment instead of a day", { last_seen: "2026-11-20T10:11:12Z" }, { last_seen: "2026-11-20" }],
    ["a day that can't be read", { last_seen: "yesterday" }, { last_seen: null }],
    ["a month that no year has", { last_seen: "2026-13-01" }, { last_seen: null }],
    ["no echo of the address", { ip: undefined }, {}],
  ] as const
) {
  Deno.test(`lookUp() reads an answer with ${label}`, async () => {
    const { outcome } = await ask(200, { ...HIT, ...change });
    assert(outcome.status === "hit");
    const { ip: _ip, link: _link, message: _message, ...facts } = HIT;
    assertEquals<unknown>(outcome.data, { ...facts, checked_at: "2026-11-23T12:00:00.000Z", ...expected });
  });
}

const HTML = "<!DOCTYPE html><html><body>Please log in</body></html>";
for (
  const [label, status, body, expected] of [
    ["a 404 of JSON", 404, { ip: "8.8.8.8", noise: false, riot: false, message: "IP not observed" }, "miss"],
    ["a 404 that echoes the address alone", 404, { ip: "8.8.8.8", message: "IP not observed" }, "miss"],
    ["a 404 of a wrong path", 404, { message: "Not found" }, "garbage"],
    ["a 404 of HTML", 404, HTML, "garbage"],
    ["a 404 about another address", 404, { ip: "8.8.4.4", noise: false, riot: false }, "garbage"],
    ["a 404 that says noise", 404, { ip: "8.8.8.8", noise: true, riot: false }, "garbage"],
    ["HTML with 200", 200, HTML, "garbage"],
    ["nothing with 200", 200, "", "garbage"],
    ["JSON that is no object", 200, "[]", "garbage"],
    ["an answer without noise", 200, { ...HIT, noise: undefined }, "garbage"],
    ["an answer with riot as text", 200, { ...HIT, riot: "true" }, "garbage"],
    ["an answer about another address", 200, { ...HIT, ip: "8.8.4.4" }, "garbage"],
    ["an answer that is too large", 200, { ...HIT, message: "x".repeat(70_000) }, "garbage"],
    ["a redirect", 302, "", "garbage"],
    [
      "a refusal of the address",
      400,
      { message: "Request is not a valid routable IPv4 address" },
      "rejected",
    ],
    ["another refusal", 418, "", "rejected"],
    ["a wrong key", 401, "", "unauthorized"],
    ["a forbidden key", 403, "", "unauthorized"],
    ["a limit", 429, "", "rate_limited"],
    ["an error of the server", 500, { message: "internal error" }, "server_error"],
    ["a server in repair", 503, HTML, "server_error"],
  ] as const
) {
  Deno.test(`lookUp() takes ${label} for ${expected}`, async () => {
    const reply = await ask(status, body);
    assertEquals(reasonOf(reply), expected);
    assert(reply.mayHaveArrived);
  });
}

Deno.test("lookUp() learns the quota and the pause from a 429", async () => {
  const reply = await ask(429, { plan: "Community", rate_limit: "25-W" }, { "retry-after": "60" });
  assertEquals(reply.limited, { learned: { limit: 25, period: "week" }, retryAt: START + 60_000 });
  assertEquals((await ask(429, HTML)).limited, { learned: null, retryAt: null });
  assertEquals((await ask(500, { rate_limit: "25-W" }, { "retry-after": "60" })).limited, null);
});

Deno.test("lookUp() skips IPv6 without asking or waiting for its turn", async () => {
  const { clock, calls, source } = prepare(() => Promise.resolve(Response.json(HIT)), {
    limiter: { take: () => Promise.reject(new Error("must not be asked")) },
  });
  assertEquals(await clock.run(source.lookUp(parseAddress("2001:4860:4860::8888")!, {})), {
    outcome: { status: "skipped", reason: "not_applicable", until: null },
    mayHaveArrived: false,
    limited: null,
  });
  assertEquals(calls.length, 0);
});

Deno.test("lookUp() sends nothing when the source was closed while it waited its turn", async () => {
  let isClosed = false;
  const limiter: Limiter = { take: () => Promise.resolve().then(() => void (isClosed = true)) };
  const { clock, calls, source } = prepare(() => Promise.resolve(Response.json(HIT)), { limiter });
  const reply = await clock.run(source.lookUp(ADDRESS, { isClosed: () => isClosed }));
  assertEquals([reasonOf(reply), reply.mayHaveArrived, calls.length], ["skipped", false, 0]);
});

Deno.test("lookUp() sends nothing for a caller that gave up while it waited its turn", async () => {
  const { clock, calls, source } = prepare(() => Promise.resolve(Response.json(HIT)));
  const reply = await clock.run(source.lookUp(ADDRESS, { signal: AbortSignal.abort() }));
  assertEquals([reasonOf(reply), reply.mayHaveArrived, calls.length], ["aborted", false, 0]);
});

Deno.test("lookUp() is skipped, and costs nothing, when nobody knows whose turn it is", async () => {
  const limiter: Limiter = { take: () => Promise.reject(new StoreError("Cannot use the database: gone")) };
  const { clock, calls, source } = prepare(() => Promise.resolve(Response.json(HIT)), { limiter });
  assertEquals(await clock.run(source.lookUp(ADDRESS, { signal: new AbortController().signal })), {
    outcome: { status: "skipped", reason: "rate_unknown", until: null },
    mayHaveArrived: false,
    limited: null,
  });
  assertEquals(calls.length, 0);
});

Deno.test("lookUp() gives up after ten seconds, also within the body", async () => {
  const silent = prepare(() => new Promise(() => {}));
  const first = await silent.clock.run(silent.source.lookUp(ADDRESS, {}));
  assertEquals([reasonOf(first), first.mayHaveArrived, silent.clock.elapsed()], ["timeout", true, 10_000]);
  assert(silent.calls[0]?.init?.signal?.aborted);
  const stuck = prepare(() => Promise.resolve(new Response(new ReadableStream({}))));
  const second = await stuck.clock.run(stuck.source.lookUp(ADDRESS, {}));
  assertEquals([reasonOf(second), stuck.clock.elapsed()], ["timeout", 10_000]);
});

Deno.test("lookUp() takes a time limit of the fetch that it was given for a timeout", async () => {
  const timeout = new DOMException("The operation timed out", "TimeoutError");
  const early = prepare(() => Promise.reject(timeout));
  assertEquals(reasonOf(await early.clock.run(early.source.lookUp(ADDRESS, {}))), "timeout");
  const body = () => new ReadableStream({ pull: (controller) => controller.error(timeout) });
  const late = prepare(() => Promise.resolve(new Response(body())));
  assertEquals(reasonOf(await late.clock.run(late.source.lookUp(ADDRESS, {}))), "timeout");
});

Deno.test("lookUp() hears a 429 whose body never comes", async () => {
  const headers = { "retry-after": "60" };
  const { clock, source } = prepare(() => {
    return Promise.resolve(new Response(new ReadableStream({}), { status: 429, headers }));
  });
  const reply = await clock.run(source.lookUp(ADDRESS, {}));
  assertEquals(reasonOf(reply), "rate_limited");
  assertEquals(reply.limited, { learned: null, retryAt: START + 70_000 });
});

Deno.test("lookUp() takes a body that breaks off for cut", async () => {
  const { clock, source } = prepare(() => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new TypeError("reset")) });
    return Promise.resolve(new Response(body));
  });
  const reply = await clock.run(source.lookUp(ADDRESS, {}));
  assertEquals([reasonOf(reply), reply.mayHaveArrived], ["cut", true]);
});

for (
  const [label, error, reason, mayHaveArrived] of [
    ["was refused", Object.assign(new Error("x"), { code: "ECONNREFUSED" }), "refused", false],
    ["was reset", Object.assign(new Error("x"), { code: "ECONNRESET" }), "unreachable", true],
  ] as const
) {
  Deno.test(`lookUp() counts a request whose connection ${label} as ${mayHaveArrived ? "" : "un"}sent`, async () => {
    const { clock, source } = prepare(() => Promise.reject(new TypeError("fetch failed", { cause: error })));
    const reply = await clock.run(source.lookUp(ADDRESS, {}));
    assertEquals([reasonOf(reply), reply.mayHaveArrived], [reason, mayHaveArrived]);
  });
}

Deno.test("lookUp() is aborted by its caller while it asks", async () => {
  const caller = new AbortController();
  const { clock, source } = prepare(() => new Promise(() => caller.abort()));
  const reply = await clock.run(source.lookUp(ADDRESS, { signal: caller.signal }));
  assertEquals([reasonOf(reply), reply.mayHaveArrived], ["aborted", true]);
});

Deno.test("lookUp() never repeats the key, whatever the server or the runtime says", async () => {
  const echoing: Fetch[] = [
    () => Promise.resolve(Response.json({ message: `bad key ${KEY}` }, { status: 401 })),
    () => Promise.resolve(Response.json({ ip: KEY, noise: KEY }, { status: 200 })),
    () => Promise.resolve(Response.json({ rate_limit: KEY }, { status: 429 })),
    () =>
      Promise.resolve(
        new Response(KEY, { status: 302, headers: { location: `https://evil.example/${KEY}` } }),
      ),
    () => Promise.reject(new TypeError(`"${KEY}" is no header value`)),
  ];
  for (const fetch of echoing) {
    const { clock, source } = prepare(fetch);
    const reply = await clock.run(source.lookUp(ADDRESS, {}));
    assertFalse(JSON.stringify(reply).includes(KEY), JSON.stringify(reply));
  }
});

Deno.test("createGreynoiseSource() refuses a key that can't be a header without repeating it", () => {
  for (const apiKey of [`${KEY}\nx: y`, `${KEY} ${KEY}`, `${KEY}ä`]) {
    const error = assertThrows(() => prepare(() => new Promise(() => {}), { apiKey }), TypeError);
    assertFalse(error.message.includes(KEY), error.message);
  }
});
