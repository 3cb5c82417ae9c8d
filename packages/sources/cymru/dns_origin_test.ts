import { parseAddress } from "@ipcascade/core";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { createVirtualClock } from "../_test_clock.ts";
import type { Limiter } from "../limiter.ts";
import { createFakeResolver } from "./_test_peer.ts";
import { createAsNames } from "./as_name.ts";
import { lookUpOrigin } from "./dns_origin.ts";
import { guardResolver, type ResolveTxt } from "./txt_reply.ts";

const NAME = "31.108.90.216.origin.asn.cymru.com";
const ADDRESS = parseAddress("216.90.108.31")!;
const RECORD = "23028 | 216.90.108.0/24 | US | arin | 1998-09-25";
const AS_RECORD = "23028 | US | arin | 2002-01-04 | TEAMCYMRU | SAUNET";
const FREE: Limiter = {
  take: (signal) => signal?.aborted ? Promise.reject(signal.reason) : Promise.resolve(),
};

function prepare(resolveTxt: ResolveTxt) {
  const clock = createVirtualClock();
  const guarded = guardResolver(resolveTxt, clock);
  const asNames = createAsNames({ resolveTxt: guarded, clock, limiter: FREE });
  return { clock, deps: { resolveTxt: guarded, asNames, clock, limiter: FREE, timeoutMs: 30_000 } };
}

Deno.test("lookUpOrigin() reads the origin and the name of its AS", async () => {
  const resolver = createFakeResolver({ [NAME]: [RECORD], "AS23028.asn.cymru.com": [AS_RECORD] });
  const { clock, deps } = prepare(resolver.resolveTxt);
  assertEquals(await clock.run(lookUpOrigin(ADDRESS, deps)), {
    status: "hit",
    durationMs: 0,
    data: {
      asn: 23028,
      asns: [23028],
      asn_org: "TEAMCYMRU | SAUNET",
      country_code: "US",
      registry: "arin",
      prefix: "216.90.108.0/24",
      allocated: "1998-09-25",
      checked_at: "2026-11-23T12:00:00.000Z",
    },
  });
  assertEquals(resolver.names, [NAME, "AS23028.asn.cymru.com"]);
});

for (
  const [label, records, expected] of [
    ["several ASNs of one record", ["64502 64501 | 216.90.108.0/24 | US | arin | 1998-09-25"], [64501, [
      64501,
      64502,
    ]]],
    [
      "several records",
      ["64501 | 216.90.0.0/16 | US | arin |", "64509 | 216.90.108.0/24 | US | arin |"],
      [64509, [64501, 64509]],
    ],
    [
      "several records in the other order",
      ["64509 | 216.90.108.0/24 | US | arin |", "64501 | 216.90.0.0/16 | US | arin |"],
      [64509, [64501, 64509]],
    ],
    ["a record beside nonsense", ["v=spf1 -all", RECORD], [23028, [23028]]],
  ] as const
) {
  Deno.test(`lookUpOrigin() reads ${label}`, async () => {
    const { clock, deps } = prepare(createFakeResolver({ [NAME]: records }).resolveTxt);
    const outcome = await clock.run(lookUpOrigin(ADDRESS, deps));
    assertEquals<unknown>(
      outcome.status === "hit" ? [outcome.data.asn, outcome.data.asns] : outcome,
      expected,
    );
  });
}

for (
  const [label, reply, expected] of [
    ["a name that does not exist", { status: "none" }, "miss"],
    ["NA", { status: "found", records: ["NA | | | other |"] }, "miss"],
    ["a server that fails", { status: "failed", reason: "server_error" }, "server_error"],
    ["a server that refuses", { status: "failed", reason: "refused" }, "refused"],
    ["a server that nobody knows", { status: "failed", reason: "unresolved" }, "unresolved"],
    ["a server that can't be reached", { status: "failed", reason: "unreachable" }, "unreachable"],
    ["silence", { status: "failed", reason: "timeout" }, "timeout"],
    ["records that are no origin", { status: "found", records: ["v=spf1 -all"] }, "garbage"],
  ] as const
) {
  Deno.test(`lookUpOrigin() takes ${label} for ${expected}`, async () => {
    const resolver = createFakeResolver({ [NAME]: reply });
    const { clock, deps } = prepare(resolver.resolveTxt);
    const outcome = await clock.run(lookUpOrigin(ADDRESS, deps));
    assertEquals(outcome.status === "failed" ? outcome.failure.reason : outcome.status, expected);
    assertEquals(resolver.names, [NAME]);
  });
}

Deno.test("lookUpOrigin() gives up on a resolver that never comes back", async () => {
  const { clock, deps } = prepare(() => new Promise(() => {}));
  const outcome = await clock.run(lookUpOrigin(ADDRESS, deps));
  assertEquals(outcome, {
    status: "failed",
    failure: { reason: "timeout", message: `Cannot resolve "${NAME}": no answer in time` },
    durationMs: 30_000,
  });
});

Deno.test("lookUpOrigin() is aborted by its caller, before and while it asks", async () => {
  const early = prepare(() => new Promise(() => {}));
  const before = await early.clock.run(lookUpOrigin(ADDRESS, early.deps, AbortSignal.abort()));
  assertEquals(before.status === "failed" && before.failure.reason, "aborted");
  const caller = new AbortController();
  const late = prepare(() => new Promise(() => caller.abort()));
  const during = await late.clock.run(lookUpOrigin(ADDRESS, late.deps, caller.signal));
  assertEquals(during.status === "failed" && during.failure.reason, "aborted");
});

Deno.test("lookUpOrigin() answers without the name when that can't be had, and asks for it again next time", async () => {
  const table = {
    [NAME]: [RECORD],
    "AS23028.asn.cymru.com": { status: "failed", reason: "timeout" },
  } as const;
  const resolver = createFakeResolver(table);
  const { clock, deps } = prepare(resolver.resolveTxt);
  for (let turn = 0; turn < 2; turn++) {
    const outcome = await clock.run(lookUpOrigin(ADDRESS, deps));
    assertStrictEquals(outcome.status === "hit" ? outcome.data.asn_org : "", null);
  }
  assertEquals(resolver.names.length, 4);
});

Deno.test("lookUpOrigin() waits five seconds at most for the name", async () => {
  const { clock, deps } = prepare((name) => {
    return name === NAME ? Promise.resolve({ status: "found", records: [RECORD] }) : new Promise(() => {});
  });
  const outcome = await clock.run(lookUpOrigin(ADDRESS, deps));
  assertEquals(outcome.status === "hit" && [outcome.data.asn_org, outcome.durationMs], [null, 5_000]);
});

Deno.test("createAsNames() remembers a name for an hour and no more than 1 000 of them", async () => {
  const asked: string[] = [];
  const clock = createVirtualClock();
  const names = createAsNames({
    clock,
    limiter: FREE,
    resolveTxt: (name) => {
      asked.push(name);
      const asn = /\d+/.exec(name)![0];
      return Promise.resolve({ status: "found", records: [`${asn} | DE | ripencc | | NAME-${asn}`] });
    },
  });
  const find = (asn: number) => names.find(asn, { timeoutMs: 1_000 });
  assertEquals([await find(1), await find(1)], ["NAME-1", "NAME-1"]);
  assertEquals(asked.length, 1);
  for (let asn = 2; asn <= 1_001; asn++) await find(asn);
  assertEquals(asked.length, 1_001);
  await find(1_001);
  assertEquals(asked.length, 1_001);
  await find(1);
  assertEquals(asked.length, 1_002);
  await clock.run(clock.sleep(3_600_000));
  await find(1_001);
  assertEquals(asked.length, 1_003);
});

Deno.test("createAsNames() gives no name of another AS", async () => {
  const clock = createVirtualClock();
  const { resolveTxt } = createFakeResolver({ "AS7.asn.cymru.com": ["8 | DE | ripencc | | EIGHT"] });
  const names = createAsNames({ clock, limiter: FREE, resolveTxt });
  assertStrictEquals(await names.find(7, { timeoutMs: 1_000 }), null);
});
