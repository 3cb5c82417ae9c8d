import type { DeliveryFailure } from "@ipcascade/core";
import { createDbipProvider } from "@ipcascade/sources";
import { FakeClock } from "@ipcascade/testkit";
import { type Fault, openLab } from "@ipcascade/testkit/lab";
import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { ASN, CITY, fetchEdition, openLabDbip, refusalOf, silenceFor } from "./_test_lab_editions.ts";
import { gunzip } from "./gunzip.ts";

const ignore = () => Promise.resolve();
const MONTH = new Date().toISOString().slice(0, 7);
const MONTH_BEFORE = new Date(new Date(`${MONTH}-01T00:00:00Z`).getTime() - 1).toISOString().slice(0, 7);
const RELEASE = {
  ...CITY,
  file: "dbip-city-lite.mmdb",
  release: MONTH,
  date: `${MONTH}-01`,
  md5: null,
  sha256: null,
};

for (
  const [label, month, months] of [
    ["this month's release", MONTH, [MONTH, MONTH_BEFORE]],
    ["last month's release while there is no newer one", MONTH_BEFORE, [MONTH_BEFORE]],
  ] as const
) {
  Deno.test(`createDbipProvider() finds ${label}, and downloads it`, async () => {
    await using lab = await openLab({ dbipMonths: months });
    const provider = openLabDbip(lab);
    const release = await provider.findRelease(CITY, { installed: null });
    assertEquals(release, { ...RELEASE, release: month, date: `${month}-01` });
    assertEquals(lab.requests.dbipDownloads, 0);
    const { bytes, delivery } = await fetchEdition(provider, ASN);
    const url = `${lab.env.DBIP_URL}/dbip-asn-lite-${month}.mmdb.gz`;
    assertEquals(bytes, new Uint8Array(gunzipSync(await (await fetch(url)).arrayBuffer())));
    assertEquals(delivery.modified_at, `${month}-01T02:00:00.000Z`);
  });
}

for (
  const [instant, months] of [
    ["2026-01-01T00:00:00Z", ["2026-01", "2025-12"]],
    ["2026-03-31T23:59:59Z", ["2026-03", "2026-02"]],
    ["2026-10-31T23:30:00-05:00", ["2026-11", "2026-10"]],
  ] as const
) {
  Deno.test(`createDbipProvider() asks for ${months.join(" and ")} at ${instant}`, async () => {
    const asked: string[] = [];
    const provider = createDbipProvider({
      fetch: (url, init) => {
        asked.push(`${init?.method} ${url}`);
        return Promise.resolve(new Response(null, { status: 404 }));
      },
      gunzip,
      clock: new FakeClock(instant),
      baseUrl: "https://dbip.example/free/",
    });
    const error = await refusalOf(provider.findRelease(ASN, { installed: null }));
    assertEquals(error.failure, "not_found");
    assertEquals(
      asked,
      months.map((month) => `HEAD https://dbip.example/free/dbip-asn-lite-${month}.mmdb.gz`),
    );
    assertMatch(error.message, new RegExp(`neither ${months[0]} nor ${months[1]}$`));
  });
}

Deno.test("createDbipProvider() asks with GET where HEAD is refused, and leaves before the body", async () => {
  await using lab = await openLab();
  const methods: unknown[] = [];
  let cancelled = 0;
  const provider = openLabDbip(lab, {
    fetch: (_, init) => {
      methods.push(init?.method);
      if (init?.method === "HEAD") return Promise.resolve(new Response(null, { status: 405 }));
      init?.signal?.addEventListener("abort", () => cancelled++);
      return Promise.resolve(new Response(new ReadableStream()));
    },
  });
  assertEquals((await provider.findRelease(CITY, { installed: null })).release, MONTH);
  assertEquals([methods, cancelled], [["HEAD", "GET"], 1]);
});

type Case = readonly [label: string, fault: Fault, failure: DeliveryFailure];

const CONNECTION_CASES: readonly Case[] = [
  ["is silent", { kind: "drop" }, "network"],
  ["resets", { kind: "reset" }, "network"],
  ["answers 403", { kind: "status", status: 403 }, "forbidden"],
  ["answers 429", { kind: "status", status: 429 }, "rate_limited"],
  ["answers 502", { kind: "status", status: 502 }, "network"],
  ["redirects for ever", { kind: "status", status: 302, headers: { location: "?x" } }, "protocol"],
];

const FIND_CASES: readonly Case[] = [
  ...CONNECTION_CASES,
  ["answers 404", { kind: "status", status: 404 }, "not_found"],
  ["sends a login page", { kind: "html" }, "protocol"],
];

for (const [label, fault, failure] of FIND_CASES) {
  Deno.test(`createDbipProvider() finds nothing when DB-IP ${label}`, async () => {
    await using lab = await openLab({ faults: { dbip: fault } });
    const provider = openLabDbip(lab, { idleMs: silenceFor(fault) });
    assertEquals((await refusalOf(provider.findRelease(CITY, { installed: null }))).failure, failure);
  });
}

const DOWNLOAD_CASES: readonly Case[] = [
  ...CONNECTION_CASES,
  ["answers 404", { kind: "status", status: 404 }, "not_found"],
  ["sends a login page", { kind: "html" }, "archive"],
  ["sends random bytes", { kind: "garbage" }, "archive"],
  ["cuts the file", { kind: "cut" }, "network"],
  ["sends without end", { kind: "endless", of: "line" }, "archive"],
  ["stops compressing", { kind: "truncatedGzip" }, "archive"],
  ["sends a bomb", { kind: "bomb" }, "archive"],
];

for (const [label, fault, failure] of DOWNLOAD_CASES) {
  Deno.test(`createDbipProvider() downloads nothing when DB-IP ${label}`, async () => {
    await using lab = await openLab({ faults: { dbip: fault } });
    const error = await refusalOf(openLabDbip(lab, { idleMs: silenceFor(fault) }).download(RELEASE, ignore));
    assertEquals([error.failure, error.isRetryable], [failure, failure === "network"], error.message);
  });
}

Deno.test("createDbipProvider() tells how far a download is", async () => {
  await using lab = await openLab();
  let last: readonly [number, number | null] = [0, null];
  await openLabDbip(lab).download(RELEASE, ignore, {
    onProgress: (received, total) => last = [received, total],
  });
  assertEquals(last[0], last[1]);
  assertGreater(last[0], 1_000);
});
