import { type GreynoiseReply, parseAddress } from "@ipcascade/core";
import { describeAddress, WORLD } from "@ipcascade/testkit";
import { type Fault, openLab } from "@ipcascade/testkit/lab";
import { assert, assertEquals, assertFalse, assertLess } from "@std/assert";
import { openLabGreynoise } from "./_test_lab_sources.ts";

const ADDRESS = parseAddress("8.8.8.8")!;
const KEY = "secret-key-0815";

function reasonOf({ outcome }: GreynoiseReply): string {
  return outcome.status === "failed" ? outcome.failure.reason : outcome.status;
}

Deno.test("createGreynoiseSource() says of every address of the lab what the world knows", async () => {
  await using lab = await openLab();
  const source = openLabGreynoise(lab);
  const ipv4 = WORLD.filter(({ version }) => version === 4);
  await Promise.all(ipv4.map(async ({ address }) => {
    const { outcome } = await source.lookUp(parseAddress(address)!, {});
    const { noise } = describeAddress(address);
    if (noise === null) return assertEquals(outcome.status, "miss");
    assert(outcome.status === "hit");
    const { checked_at: _, ...facts } = outcome.data;
    const { lastSeen, ...known } = noise;
    assertEquals<unknown>(facts, { ...known, last_seen: lastSeen });
  }));
  assertEquals(lab.requests.greynoiseRequests, ipv4.length);
});

for (
  const [label, fault, expected] of [
    ["does not answer", { kind: "drop" }, "timeout"],
    ["answers too late", { kind: "delay", ms: 2_000 }, "timeout"],
    ["resets", { kind: "reset" }, "unreachable"],
    ["cuts the body", { kind: "cut" }, "cut"],
    ["sends random bytes", { kind: "garbage" }, "garbage"],
    ["sends a login page", { kind: "html" }, "garbage"],
    ["sends a body without end", { kind: "endless", of: "line" }, "garbage"],
    [
      "redirects",
      { kind: "status", status: 302, headers: { location: "http://127.0.0.1:9/steal" } },
      "garbage",
    ],
    ["sends a 404 of text", { kind: "status", status: 404 }, "garbage"],
    ["sends 400", { kind: "status", status: 400 }, "rejected"],
    ["sends 401", { kind: "status", status: 401 }, "unauthorized"],
    ["sends 403", { kind: "status", status: 403 }, "unauthorized"],
    ["sends 500", { kind: "status", status: 500 }, "server_error"],
    ["sends 503", { kind: "status", status: 503 }, "server_error"],
  ] as const satisfies readonly (readonly [string, Fault, string])[]
) {
  Deno.test(`createGreynoiseSource() says ${expected} when the lab ${label}`, async () => {
    await using lab = await openLab({ faults: { greynoise: fault } });
    const startedAt = performance.now();
    const reply = await openLabGreynoise(lab, { timeoutMs: 400, apiKey: KEY }).lookUp(ADDRESS, {});
    assertLess(performance.now() - startedAt, 2_000);
    assertEquals(reasonOf(reply), expected);
    assertEquals(reply.mayHaveArrived, true);
    assertFalse(JSON.stringify(reply).includes(KEY));
    assertEquals(lab.requests.greynoiseRequests, 1);
  });
}

for (
  const [rateLimit, limit, period] of [
    ["25-W", 25, "week"],
    ["100-lookups/day", 100, "day"],
    ["5-M", 5, "month"],
  ] as const
) {
  Deno.test(`createGreynoiseSource() learns ${rateLimit} from the lab's 429`, async () => {
    await using lab = await openLab({ greynoise: { limit: 0, rateLimit } });
    const reply = await openLabGreynoise(lab).lookUp(ADDRESS, {});
    assertEquals(reasonOf(reply), "rate_limited");
    assertEquals(reply.limited, { learned: { limit, period }, retryAt: null });
  });
}

Deno.test("createGreynoiseSource() hears when to come back", async () => {
  const fault: Fault = { kind: "status", status: 429, headers: { "retry-after": "3600" } };
  await using lab = await openLab({ faults: { greynoise: fault } });
  const { limited } = await openLabGreynoise(lab).lookUp(ADDRESS, {});
  assertEquals(limited?.learned, null);
  assertLess(Math.abs(limited!.retryAt! - Date.now() - 3_600_000), 10_000);
});

Deno.test("createGreynoiseSource() sends the key only where there is one", async () => {
  await using lab = await openLab();
  await openLabGreynoise(lab).lookUp(ADDRESS, {});
  await openLabGreynoise(lab, { apiKey: KEY }).lookUp(ADDRESS, {});
  assertEquals(lab.requests.of("greynoise").map(({ key }) => key), [undefined, KEY]);
});

Deno.test("createGreynoiseSource() takes a wrong path for garbage, not for an address never seen", async () => {
  await using lab = await openLab();
  const source = openLabGreynoise(lab, { server: `${lab.env.GREYNOISE_API_SERVER}/wrong` });
  assertEquals(reasonOf(await source.lookUp(ADDRESS, {})), "garbage");
});

Deno.test("createGreynoiseSource() knows that a refused connection carried nothing", async () => {
  const lab = await openLab();
  await lab.close();
  const reply = await openLabGreynoise(lab).lookUp(ADDRESS, {});
  assertEquals([reasonOf(reply), reply.mayHaveArrived], ["refused", false]);
});

Deno.test("createGreynoiseSource() knows that an unknown host got nothing", async () => {
  await using lab = await openLab();
  const reply = await openLabGreynoise(lab, { server: "http://greynoise.invalid" }).lookUp(ADDRESS, {});
  assertEquals([reasonOf(reply), reply.mayHaveArrived], ["unresolved", false]);
});

Deno.test("createGreynoiseSource() sends nothing about IPv6", async () => {
  await using lab = await openLab();
  assertEquals(
    reasonOf(await openLabGreynoise(lab).lookUp(parseAddress("2001:4860:4860::8888")!, {})),
    "skipped",
  );
  assertEquals(lab.requests.greynoiseRequests, 0);
});
