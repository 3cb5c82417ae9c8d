import type { DeliveryFailure, EditionRelease } from "@ipcascade/core";
import { buildEdition, TAR_HOSTILITIES } from "@ipcascade/testkit";
import { type Fault, type Lab, LAB_ACCOUNT_ID, LAB_LICENSE_KEY, openLab } from "@ipcascade/testkit/lab";
import {
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { createHash } from "node:crypto";
import {
  ASN,
  assertTellsNone,
  CITY,
  fetchEdition,
  openLabMaxmind,
  refusalOf,
  silenceFor,
} from "./_test_lab_editions.ts";

const SECRETS = [
  LAB_LICENSE_KEY,
  LAB_ACCOUNT_ID,
  btoa(`${LAB_ACCOUNT_ID}:${LAB_LICENSE_KEY}`),
  "signature=lab",
];

/** A release without asking for it. */
const RELEASE: EditionRelease = {
  ...CITY,
  file: "GeoLite2-City.mmdb",
  release: "00",
  date: "2026-11-20",
  md5: null,
  sha256: null,
};

const ignore = () => Promise.resolve();

Deno.test("createMaxmindProvider() finds and downloads both editions as the lab serves them", async () => {
  await using lab = await openLab();
  const provider = openLabMaxmind(lab);
  for (const request of [CITY, ASN]) {
    const { release, delivery, bytes } = await fetchEdition(provider, request);
    const md5 = createHash("md5").update(bytes).digest("hex");
    assertEquals(release, {
      ...request,
      file: `${request.edition_id}.mmdb`,
      release: md5,
      date: "2026-11-20",
      md5,
      sha256: null,
    });
    assertEquals(delivery, { modified_at: "2026-11-20T00:00:00.000Z" });
    assertEquals(bytes, buildEdition(request.edition_id as "GeoLite2-City"));
  }
  assertEquals(lab.requests.objectStoreLeaks, 0);
  assertEquals(lab.requests.of("maxmind").map(({ userAgent }) => userAgent), Array(4).fill("ipcascade/test"));
});

Deno.test("createMaxmindProvider() downloads nothing to find a release", async () => {
  await using lab = await openLab();
  await openLabMaxmind(lab).findRelease(CITY, { installed: null });
  const { maxmindMetadata, maxmindDownloads, objectStoreDownloads } = lab.requests;
  assertEquals([maxmindMetadata, maxmindDownloads, objectStoreDownloads], [1, 0, 0]);
});

Deno.test("createMaxmindProvider() passes on the MD5 that the metadata tell, right or wrong", async () => {
  await using lab = await openLab({ faults: { maxmind: { kind: "wrongChecksum" } } });
  const { release } = await fetchEdition(openLabMaxmind(lab));
  assertEquals([release.md5, release.release], ["0".repeat(32), "0".repeat(32)]);
});

Deno.test("createMaxmindProvider() tells how far a download is", async () => {
  await using lab = await openLab();
  const seen: (readonly [number, number | null])[] = [];
  await openLabMaxmind(lab).download(RELEASE, ignore, {
    onProgress: (received, total) => seen.push([received, total]),
  });
  const [received, total] = seen.at(-1)!;
  assertEquals(received, total);
  assertGreater(received, 1_000);
});

Deno.test("createMaxmindProvider() refuses to begin without an account", async () => {
  await using lab = await openLab();
  const provider = openLabMaxmind(lab, { licenseKey: null });
  assertEquals((await refusalOf(provider.findRelease(CITY, { installed: null }))).failure, "unauthorized");
  assertEquals((await refusalOf(provider.download(RELEASE, ignore))).failure, "unauthorized");
  assertEquals(lab.requests.of("maxmind"), []);
});

Deno.test("createMaxmindProvider() is refused with a wrong key, which it does not tell", async () => {
  await using lab = await openLab();
  const provider = openLabMaxmind(lab, { licenseKey: "wrong_key_0815" });
  for (const work of [provider.findRelease(CITY, { installed: null }), provider.download(RELEASE, ignore)]) {
    const error = await refusalOf(work);
    assertEquals([error.failure, error.isRetryable], ["unauthorized", false]);
    assertStringIncludes(error.message, "401 (Invalid license key)");
    assertTellsNone(error, ["wrong_key_0815", ...SECRETS]);
  }
});

Deno.test("createMaxmindProvider() says when the provider has no such edition", async () => {
  await using lab = await openLab();
  const provider = openLabMaxmind(lab);
  const unknown = { edition_id: "GeoLite2-Nope", kind: "city" } as const;
  assertEquals((await refusalOf(provider.findRelease(unknown, { installed: null }))).failure, "not_found");
  lab.withdraw("GeoLite2-City");
  assertEquals((await refusalOf(provider.download(RELEASE, ignore))).failure, "not_found");
});

type Case = readonly [label: string, fault: Fault, failure: DeliveryFailure, words?: RegExp];

const status = (code: number, headers?: Record<string, string>, body?: string): Fault => ({
  kind: "status",
  status: code,
  headers,
  body,
});
const location = (url: string): Fault => status(302, { location: url });

/** What any server may do wrong before its body matters. */
const SERVER_CASES: readonly Case[] = [
  ["is silent", { kind: "drop" }, "network", /nothing came for 0\.15 s$/],
  ["resets the connection", { kind: "reset" }, "network"],
  ["answers 400", status(400), "not_found"],
  ["answers 401", status(401), "unauthorized"],
  ["answers 403", status(403), "forbidden"],
  ["answers 404", status(404), "not_found"],
  ["answers 429", status(429), "rate_limited"],
  ["answers 418", status(418), "protocol"],
  ["answers 304", status(304, {}, ""), "protocol"],
  ["answers 500", status(500), "network", /answers 500/],
  ["answers 503", status(503), "network"],
  ["redirects without a place", status(302), "protocol", /without saying where to$/],
  ["redirects to a file", location("file:///etc/passwd"), "protocol", /something else than http/],
  ["redirects to FTP", location("ftp://127.0.0.1/x"), "protocol", /something else than http/],
  ["redirects to nonsense", location("http://["), "protocol", /no URL$/],
  ["redirects with credentials", location("http://u:pw815@127.0.0.1:9/"), "protocol", /with credentials$/],
  ["redirects to itself", location("?again"), "protocol", /more than 5 times$/],
];

async function assertRefusal(work: Promise<unknown>, [, , failure, words = /./]: Case): Promise<void> {
  const startedAt = performance.now();
  const error = await refusalOf(work);
  assertEquals([error.failure, error.isRetryable], [failure, failure === "network"], error.message);
  assertMatch(error.message, words);
  assertMatch(error.message, /^Cannot (find a release of|download) edition "GeoLite2-City": .*[^.]$/);
  assertTellsNone(error, [...SECRETS, "pw815"]);
  assertLess(performance.now() - startedAt, 4_000);
}

const METADATA_CASES: readonly Case[] = [
  ...SERVER_CASES,
  ["cuts the answer", { kind: "cut" }, "network", /broke off after \d+ bytes$/],
  ["sends random bytes", { kind: "garbage" }, "protocol"],
  ["sends a login page", { kind: "html" }, "protocol"],
  ["sends without end", { kind: "endless", of: "line" }, "protocol", /larger than 65536 bytes$/],
];

for (const testCase of METADATA_CASES) {
  Deno.test(`findRelease() says ${testCase[2]} when MaxMind ${testCase[0]}`, async () => {
    await using lab = await openLab({ faults: { maxmind: testCase[1] } });
    const provider = openLabMaxmind(lab, { idleMs: silenceFor(testCase[1]) });
    await assertRefusal(provider.findRelease(CITY, { installed: null }), testCase);
  });
}

for (const testCase of SERVER_CASES) {
  Deno.test(`download() says ${testCase[2]} when MaxMind ${testCase[0]}`, async () => {
    await using lab = await openLab({ faults: { maxmind: testCase[1] } });
    await assertRefusal(
      openLabMaxmind(lab, { idleMs: silenceFor(testCase[1]) }).download(RELEASE, ignore),
      testCase,
    );
  });
}

const BODY_CASES: readonly Case[] = [
  ["cuts the archive", { kind: "cut" }, "network", /broke off after \d+ bytes$/],
  ["cuts the archive near its end", { kind: "cut", after: 0.999 }, "network"],
  ["sends a login page", { kind: "html" }, "archive", /no gzip archive: it begins with <!DOCTYPE$/],
  ["sends random bytes", { kind: "garbage" }, "archive", /no gzip archive: it begins with the bytes/],
  ["sends text without end", { kind: "endless", of: "line" }, "archive", /it begins with text$/],
  ["sends rows without end", { kind: "endless", of: "body" }, "archive"],
  ["does not compress", { kind: "plain" }, "archive", /no gzip archive/],
  ["stops compressing", { kind: "truncatedGzip" }, "archive", /the gzip data breaks off$/],
  ["sends a bomb", { kind: "bomb" }, "archive", /more than 200 times its size$/],
  ...TAR_HOSTILITIES.map((
    hostility,
  ): Case => [`sends an archive: ${hostility}`, { kind: "archive", hostility }, "archive"]),
];

for (const testCase of [...SERVER_CASES, ...BODY_CASES]) {
  Deno.test(`download() says ${testCase[2]} when the object store ${testCase[0]}`, async () => {
    await using lab = await openLab({ faults: { objectStore: testCase[1] } });
    await assertRefusal(
      openLabMaxmind(lab, { idleMs: silenceFor(testCase[1]) }).download(RELEASE, ignore),
      testCase,
    );
    assertEquals(lab.requests.objectStoreLeaks, 0);
  });
}

for (
  const [label, write, seconds] of [
    ["120", () => "120", 120],
    ["a date", () => new Date(Date.now() + 3_600_000).toUTCString(), 3_600],
  ] as const
) {
  Deno.test(`createMaxmindProvider() hears when to come back: ${label}`, async () => {
    const fault = status(429, { "retry-after": write() }, "Daily GeoIP database download limit reached");
    await using lab = await openLab({ faults: { maxmind: fault } });
    const error = await refusalOf(openLabMaxmind(lab).download(RELEASE, ignore));
    assertEquals(error.failure, "rate_limited");
    assertStringIncludes(error.message, "(Daily GeoIP database download limit reached)");
    assertLess(Math.abs(error.retryAt! - Date.now() - seconds * 1_000), 5_000);
  });
}

Deno.test("createMaxmindProvider() repeats no more of an error's body than is safe", async () => {
  const bodies = [
    `key ${LAB_LICENSE_KEY} of ${LAB_ACCOUNT_ID} is unknown`,
    `${"x ".repeat(120)}${LAB_LICENSE_KEY}`,
    `${"x ".repeat(124)}${LAB_LICENSE_KEY}`,
    `Authorization: Basic ${btoa(`${LAB_ACCOUNT_ID}:${LAB_LICENSE_KEY}`)}`,
    "see https://store.example/x?signature=lab&y and /y?signature=lab",
    "\u001b[31mred\u0007\u0000 \r\n alert",
  ];
  await using lab = await openLab();
  for (const body of bodies) {
    lab.setFault("maxmind", status(403, {}, body));
    const error = await refusalOf(openLabMaxmind(lab).download(RELEASE, ignore));
    assertTellsNone(error, [...SECRETS, LAB_LICENSE_KEY.slice(0, 7)]);
    assertMatch(error.message, /^[ -~]{1,300}$/);
  }
});

Deno.test("createMaxmindProvider() repeats nothing of what the object store says", async () => {
  await using lab = await openLab();
  lab.setFault("objectStore", status(403, {}, "the signature AKIA0815 is over"));
  const error = await refusalOf(openLabMaxmind(lab).download(RELEASE, ignore));
  assertMatch(error.message, /the server that it redirects to answers 403$/);
});

Deno.test("createMaxmindProvider() demands Last-Modified", async () => {
  await using lab = await openLab();
  for (const value of ["", "yesterday", "2026"]) {
    const provider = openLabMaxmind(lab, { fetch: withoutLastModified(value) });
    const error = await refusalOf(provider.download(RELEASE, ignore));
    assertEquals(error.failure, "protocol");
    assertStringIncludes(error.message, "no Last-Modified");
  }
});

function withoutLastModified(value: string) {
  return async (url: string, init?: RequestInit) => {
    const response = await fetch(url, init);
    const headers = new Headers(response.headers);
    headers.delete("last-modified");
    if (value !== "") headers.set("last-modified", value);
    return new Response(response.body, { status: response.status, headers });
  };
}

Deno.test("createMaxmindProvider() knows that nobody listens", async () => {
  const lab = await openLab();
  await lab.close();
  const error = await refusalOf(openLabMaxmind(lab).findRelease(CITY, { installed: null }));
  assertEquals([error.failure, error.isRetryable], ["network", true]);
  assertMatch(error.message, /: the connection was refused$/);
});

Deno.test("createMaxmindProvider() knows that the host has no name", async () => {
  const env = {
    GEOIPUPDATE_HOST: "http://updates.invalid",
    GEOIPUPDATE_ACCOUNT_ID: "1",
    GEOIPUPDATE_LICENSE_KEY: "key",
  };
  const provider = openLabMaxmind({ env: env as unknown as Lab["env"] });
  const error = await refusalOf(provider.findRelease(CITY, { installed: null }));
  assertMatch(error.message, /: the name of the host is not known$/);
});

Deno.test("download() gives up on a server that sends too slowly", async () => {
  await using lab = await openLab({ faults: { objectStore: { kind: "delay", ms: 3_000 } } });
  const provider = openLabMaxmind(lab, { idleMs: 2_000, totalMs: 200 });
  const error = await refusalOf(provider.download(RELEASE, ignore));
  assertMatch(error.message, /: not done after 0\.2 s$/);
});

for (const provider of ["maxmind", "objectStore"] as const) {
  Deno.test(`download() is ended by its caller while ${provider} is silent`, async () => {
    await using lab = await openLab({ faults: { [provider]: { kind: "drop" } } });
    const caller = new AbortController();
    const work = openLabMaxmind(lab).download(RELEASE, ignore, { signal: caller.signal });
    setTimeout(() => caller.abort(new Error("enough")), 100);
    const startedAt = performance.now();
    await assertRejects(() => work, Error, "enough");
    assertLess(performance.now() - startedAt, 1_000);
  });
}

Deno.test("download() does not begin for a caller that gave up", async () => {
  await using lab = await openLab();
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(() => openLabMaxmind(lab).download(RELEASE, ignore, { signal }), Error, "enough");
  await assertRejects(
    () => openLabMaxmind(lab).findRelease(CITY, { installed: null, signal }),
    Error,
    "enough",
  );
  assertEquals(lab.requests.of("maxmind"), []);
});

Deno.test("download() ends with what its sink throws, and calls it no more", async () => {
  await using lab = await openLab();
  let calls = 0;
  const sink = () => {
    calls++;
    return Promise.reject(new Error("the disk is full"));
  };
  await assertRejects(() => openLabMaxmind(lab).download(RELEASE, sink), Error, "the disk is full");
  assertEquals(calls, 1);
});

Deno.test("createMaxmindProvider() tells what an error in JSON says", async () => {
  await using lab = await openLab();
  const request = { edition_id: "GeoLite2-Nope", kind: "city" } as const;
  const error = await refusalOf(openLabMaxmind(lab).findRelease(request, { installed: null }));
  assertMatch(error.message, /answers 400 \(No database found for edition GeoLite2-Nope\)$/);
});
