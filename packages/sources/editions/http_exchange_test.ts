import { EditionDeliveryError } from "@ipcascade/core";
import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { createVirtualClock } from "../_test_clock.ts";
import type { Fetch } from "../fetch.ts";
import { prepareRefusals } from "./delivery.ts";
import { exchange, type HttpAnswer } from "./http_exchange.ts";
import { createHttpPeer } from "./http_peer.ts";

const CREDENTIALS = { user: "u", password: "pä" };
const AUTHORIZATION = "Basic dTpww6Q=";

interface Asked {
  readonly url: string;
  readonly authorization: string | null;
  readonly names: readonly string[];
}

/** Answers in turn, and notes what it was asked. */
function answering(
  ...answers: readonly (() => Response)[]
): { readonly fetch: Fetch; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const fetch: Fetch = (url, init) => {
    const headers = new Headers(init?.headers);
    asked.push({ url, authorization: headers.get("authorization"), names: [...headers.keys()] });
    return Promise.resolve(answers[Math.min(asked.length, answers.length) - 1]!());
  };
  return { fetch, asked };
}

const redirect = (location: string, status = 302) => () =>
  new Response(null, { status, headers: { location } });
const page = () => new Response("ok");

async function ask(fetch: Fetch, base = "https://a.example"): Promise<string> {
  const clock = createVirtualClock();
  const peer = createHttpPeer({ fetch, clock, timeouts: { idleMs: 1_000 } }, base, CREDENTIALS);
  const refuse = prepareRefusals("download", "E");
  return await clock.run(exchange(peer, { method: "GET", path: "/x", totalMs: 10_000, refuse }, readText));
}

async function readText({ chunks }: HttpAnswer): Promise<string> {
  let text = "";
  for await (const chunk of chunks) text += new TextDecoder().decode(chunk);
  return text;
}

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`exchange() follows ${status} with credentials as long as the origin is the same`, async () => {
    const { fetch, asked } = answering(redirect("/y", status), redirect("z?q", status), page);
    assertEquals(await ask(fetch), "ok");
    assertEquals(asked.map(({ url }) => url), [
      "https://a.example/x",
      "https://a.example/y",
      "https://a.example/z?q",
    ]);
    assertEquals(asked.map(({ authorization }) => authorization), [
      AUTHORIZATION,
      AUTHORIZATION,
      AUTHORIZATION,
    ]);
  });
}

for (
  const elsewhere of [
    "https://b.example/",
    "https://a.example:8443/",
    "https://a.example.b.example/",
    "//b.example/",
  ]
) {
  Deno.test(`exchange() sends ${elsewhere} no credentials, nor anybody behind it`, async () => {
    const { fetch, asked } = answering(redirect(elsewhere), redirect("https://a.example/"), page);
    assertEquals(await ask(fetch), "ok");
    assertEquals(asked.map(({ authorization }) => authorization), [AUTHORIZATION, null, null]);
    assertEquals(asked[1]!.names, ["accept", "accept-encoding", "user-agent"]);
  });
}

for (
  const [from, to, words] of [
    ["https://a.example", "http://a.example/", /from https to http$/],
    ["https://a.example", "http://b.example/?signature=1", /from https to http$/],
    ["http://a.example", "data:text/plain,x", /something else than http or https$/],
    ["http://a.example", "https://u@b.example/", /credentials$/],
  ] as const
) {
  Deno.test(`exchange() does not go from ${from} to ${to}`, async () => {
    const { fetch, asked } = answering(redirect(to));
    const error = await assertRejects(() => ask(fetch, from), EditionDeliveryError);
    assertMatch((error as Error).message, words);
    assertEquals(asked.length, 1);
  });
}

Deno.test("exchange() goes from http to https", async () => {
  assertEquals(
    await ask(answering(redirect("https://b.example/"), page).fetch, "http://a.example"),
    "ok",
  );
});

for (const [label, length] of [["shorter", "3"], ["longer", "1"]] as const) {
  Deno.test(`exchange() refuses a body when ${label} is announced`, async () => {
    const { fetch } = answering(() => new Response("ok", { headers: { "content-length": length } }));
    const error = await assertRejects(() => ask(fetch), EditionDeliveryError);
    assertEquals((error as EditionDeliveryError).failure, "network");
    assertMatch((error as Error).message, new RegExp(`ended after 2 of ${length} bytes$`));
  });
}

Deno.test("exchange() takes no length at its word where the body was decoded", async () => {
  const headers = { "content-length": "1", "content-encoding": "gzip" };
  assertEquals(await ask(answering(() => new Response("ok", { headers })).fetch), "ok");
});

Deno.test("exchange() gives up on a body that is silent, and on one that drips", async () => {
  const silent = () => new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(3)) }));
  const error = await assertRejects(() => ask(answering(silent).fetch), EditionDeliveryError);
  assertMatch((error as Error).message, /nothing came for 1 s$/);
  const clock = createVirtualClock();
  const dripping = () =>
    new Response(
      new ReadableStream({
        pull: async (body) => {
          await clock.sleep(900);
          body.enqueue(new Uint8Array(1));
        },
      }, { highWaterMark: 0 }),
    );
  const peer = createHttpPeer(
    { fetch: answering(dripping).fetch, clock, timeouts: { idleMs: 1_000 } },
    "http://a.example",
  );
  const inquiry = {
    method: "GET",
    path: "/",
    totalMs: 10_000,
    refuse: prepareRefusals("download", "E"),
  } as const;
  const late = await assertRejects(() => clock.run(exchange(peer, inquiry, readText)), EditionDeliveryError);
  assertMatch((late as Error).message, /not done after 10 s$/);
});

Deno.test("exchange() does not count the time that the answer's user takes as silence", async () => {
  const clock = createVirtualClock();
  const peer = createHttpPeer(
    { fetch: answering(page).fetch, clock, timeouts: { idleMs: 100 } },
    "http://a.example",
  );
  const inquiry = {
    method: "GET",
    path: "/",
    totalMs: 10_000,
    refuse: prepareRefusals("download", "E"),
  } as const;
  const slowly = async (answer: HttpAnswer) => {
    await clock.sleep(5_000);
    return await readText(answer);
  };
  assertEquals(await clock.run(exchange(peer, inquiry, slowly)), "ok");
  assertEquals(clock.sleepers, 0);
});

Deno.test("createHttpPeer() takes the address apart, and tells none of it when it can't", () => {
  const deps = { fetch: answering(page).fetch, clock: createVirtualClock() };
  const peer = createHttpPeer(deps, "https://me:p%40ss@a.example:8443/x/y//?sig=815");
  assertEquals([peer.base, peer.query], ["https://a.example:8443/x/y", "?sig=815"]);
  assertEquals(peer.authorization, `Basic ${btoa("me:p@ss")}`);
  assertEquals(createHttpPeer(deps, "http://a.example/").authorization, null);
  for (const address of ["me:p@ss", "ftp://me:p@ss/", "http://["]) {
    const error = assertThrows(() => createHttpPeer(deps, address), TypeError);
    assertEquals(/p@ss|ftp/.test((error as Error).message), false);
  }
});
