import type { DeliveryFailure, EditionRelease } from "@ipcascade/core";
import { buildEdition, openTempDir, type TempDir } from "@ipcascade/testkit";
import { type Fault, openLab } from "@ipcascade/testkit/lab";
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { chmod, mkdir, utimes, writeFile } from "node:fs/promises";
import process from "node:process";
import { gzipSync } from "node:zlib";
import {
  assertTellsNone,
  CITY,
  fetchEdition,
  openMirror,
  refusalOf,
  silenceFor,
} from "./_test_lab_editions.ts";

const DATABASE = buildEdition("GeoLite2-City");
const PASSWORD = "p@ss/w0rd:815";
const CREDENTIALS = `reader:${PASSWORD}`;
const ignore = () => Promise.resolve();
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const RELEASE: EditionRelease = {
  ...CITY,
  file: "GeoLite2-City.mmdb",
  release: "any",
  date: null,
  md5: null,
  sha256: null,
};

function withCredentials(url: string): string {
  return url.replace("://", `://reader:${encodeURIComponent(PASSWORD)}@`);
}

for (
  const [forms, isBare] of [[["mmdb", "mmdb.gz", "tar.gz"], true], [["mmdb.gz", "tar.gz"], false], [[
    "tar.gz",
  ], false]] as const
) {
  Deno.test(`createMirrorProvider() prefers ${forms[0]} to what else the server has, and verifies it`, async () => {
    await using lab = await openLab({ mirror: { forms } });
    const { release, bytes, delivery } = await fetchEdition(openMirror(`${lab.mirrorUrl}/`));
    assertEquals(bytes, DATABASE);
    assertMatch(release.release, /^[0-9a-f]{64}$/);
    assertEquals(release.sha256, isBare ? sha256(DATABASE) : null);
    assertEquals(release.file, "GeoLite2-City.mmdb");
    assertEquals(delivery.modified_at, "2026-11-20T00:00:00.000Z");
    const asked = lab.requests.of("mirror").map(({ what }) => what).filter((what) => what.startsWith("GET"));
    assertEquals(asked.at(-1), `GET /mirror/GeoLite2-City.${forms[0]}`);
  });
}

for (
  const [validators, expected] of [
    [["etag", "last-modified"], `"20261120-${DATABASE.length}"`],
    [["last-modified"], `2026-11-20T00:00:00.000Z ${DATABASE.length}`],
  ] as const
) {
  Deno.test(`createMirrorProvider() names a release by ${validators[0]} where there is no checksum`, async () => {
    await using lab = await openLab({ mirror: { forms: ["mmdb"], hasChecksums: false, validators } });
    const { release, bytes } = await fetchEdition(openMirror(lab.mirrorUrl));
    assertEquals([release.release, release.sha256], [expected, null]);
    assertEquals(bytes, DATABASE);
  });
}

Deno.test("createMirrorProvider() refuses a server that tells no release from another", async () => {
  await using lab = await openLab({ mirror: { hasChecksums: false, validators: [] } });
  const error = await refusalOf(openMirror(lab.mirrorUrl).findRelease(CITY, { installed: null }));
  assertEquals(error.failure, "protocol");
  assertMatch(error.message, /neither ETag nor Last-Modified/);
});

Deno.test("createMirrorProvider() asks with GET where HEAD is refused", async () => {
  await using lab = await openLab({ mirror: { headStatus: 405 } });
  assertEquals((await fetchEdition(openMirror(lab.mirrorUrl))).bytes, DATABASE);
});

Deno.test("createMirrorProvider() says when the server has no such edition", async () => {
  await using lab = await openLab();
  const nope = { edition_id: "GeoLite2-Nope", kind: "city" } as const;
  const error = await refusalOf(openMirror(lab.mirrorUrl).findRelease(nope, { installed: null }));
  assertEquals(error.failure, "not_found");
  assertMatch(error.message, /none of GeoLite2-Nope\.mmdb, GeoLite2-Nope\.mmdb\.gz, GeoLite2-Nope\.tar\.gz$/);
});

Deno.test("createMirrorProvider() takes what is forbidden for what is not there, as S3 says it", async () => {
  await using lab = await openLab();
  const others: Fault[] = ["City.mmdb", "City.tar.gz.sha256"].map((path) => ({
    kind: "status",
    status: 403,
    path,
  }));
  lab.setFault("mirror", others);
  const { release, bytes } = await fetchEdition(openMirror(lab.mirrorUrl));
  assertEquals(bytes, DATABASE);
  assertMatch(release.release, /^"20261120-/);
  lab.setFault("mirror", { kind: "status", status: 403 });
  assertEquals((await refusalOf(fetchEdition(openMirror(lab.mirrorUrl)))).failure, "forbidden");
});

Deno.test("createMirrorProvider() sends the password of the address, and tells it to nobody", async () => {
  await using lab = await openLab({ mirror: { credentials: CREDENTIALS } });
  assertEquals((await fetchEdition(openMirror(withCredentials(lab.mirrorUrl)))).bytes, DATABASE);
  const secrets = [PASSWORD, encodeURIComponent(PASSWORD), btoa(CREDENTIALS)];
  const bare = await refusalOf(openMirror(lab.mirrorUrl).findRelease(CITY, { installed: null }));
  assertEquals(bare.failure, "unauthorized");
  for (const body of [`no ${PASSWORD}`, `no ${encodeURIComponent(PASSWORD)}`, `no ${btoa(CREDENTIALS)}`]) {
    lab.setFault("mirror", { kind: "status", status: 401, body });
    const provider = openMirror(withCredentials(lab.mirrorUrl));
    assertTellsNone(await refusalOf(provider.findRelease(CITY, { installed: null })), secrets);
    lab.setFault("mirror", { kind: "status", status: 500, body, path: ".sha256" });
    assertTellsNone(await refusalOf(provider.download(RELEASE, ignore)), secrets);
  }
  await lab.close();
  const gone = openMirror(withCredentials(lab.mirrorUrl));
  assertTellsNone(await refusalOf(gone.findRelease(CITY, { installed: null })), secrets);
});

Deno.test("createMirrorProvider() sends the password to no other origin", async () => {
  await using lab = await openLab({ mirror: { credentials: CREDENTIALS } });
  const location = await storeUrl(lab.env);
  // Checksums lie where they lay.
  lab.setFault("mirror", [
    { kind: "status", status: 404, path: ".sha256" },
    { kind: "status", status: 302, headers: { location }, path: "City.tar.gz" },
  ]);
  assertEquals((await fetchEdition(openMirror(withCredentials(lab.mirrorUrl)))).bytes, DATABASE);
  assertEquals(lab.requests.objectStoreLeaks, 0);
});

/** Where the object store of the lab has the edition. */
async function storeUrl(env: Readonly<Record<string, string>>): Promise<string> {
  const authorization = `Basic ${btoa(`${env.GEOIPUPDATE_ACCOUNT_ID}:${env.GEOIPUPDATE_LICENSE_KEY}`)}`;
  const url = `${env.GEOIPUPDATE_HOST}/geoip/databases/GeoLite2-City/download?date=20261120&suffix=tar.gz`;
  const response = await fetch(url, { headers: { authorization }, redirect: "manual" });
  await response.body?.cancel();
  return response.headers.get("location")!;
}

Deno.test("createMirrorProvider() sends what its address has behind a question mark, and does not tell it", async () => {
  await using lab = await openLab();
  const provider = openMirror(`${lab.mirrorUrl}?sig=token0815`);
  assertEquals((await fetchEdition(provider)).bytes, DATABASE);
  assert(lab.requests.of("mirror").every(({ what }) => what.endsWith("?sig=token0815")));
  lab.setFault("mirror", { kind: "status", status: 500, body: "GET ?sig=token0815 failed" });
  assertTellsNone(await refusalOf(provider.download(RELEASE, ignore)), ["token0815"]);
});

type Case = readonly [label: string, fault: Fault, failure: DeliveryFailure];
const path = "City.tar.gz";
const CASES: readonly Case[] = [
  ["has another checksum", { kind: "wrongChecksum" }, "checksum"],
  ["is silent", { kind: "drop" }, "network"],
  ["is silent about the checksum", { kind: "drop", path: ".sha256" }, "network"],
  ["resets", { kind: "reset" }, "network"],
  ["cuts the file", { kind: "cut", path }, "network"],
  ["sends a login page", { kind: "html" }, "protocol"],
  ["sends a login page for a checksum", { kind: "html", path: ".sha256" }, "protocol"],
  ["sends a checksum without end", { kind: "endless", of: "line", path: ".sha256" }, "protocol"],
  ["sends a bomb", { kind: "bomb", path }, "checksum"],
  ["stops compressing", { kind: "truncatedGzip", path }, "checksum"],
  ["has a hostile archive", { kind: "archive", hostility: "traversal", path }, "checksum"],
  ["answers 429", { kind: "status", status: 429 }, "rate_limited"],
  ["answers 500", { kind: "status", status: 500 }, "network"],
];

for (const [label, fault, failure] of CASES) {
  Deno.test(`createMirrorProvider() says ${failure} when the server ${label}`, async () => {
    await using lab = await openLab({ faults: { mirror: fault } });
    const error = await refusalOf(
      openMirror(lab.mirrorUrl, { idleMs: silenceFor(fault) }).download(RELEASE, ignore),
    );
    assertEquals(error.failure, failure, error.message);
  });
}

Deno.test("createMirrorProvider() takes a bad archive for one where no checksum says otherwise", async () => {
  for (const fault of [{ kind: "bomb", path }, { kind: "truncatedGzip", path }] as const) {
    await using lab = await openLab({ faults: { mirror: fault }, mirror: { hasChecksums: false } });
    assertEquals((await refusalOf(openMirror(lab.mirrorUrl).download(RELEASE, ignore))).failure, "archive");
  }
});

Deno.test("createMirrorProvider() does not deliver another release than the one that was found", async () => {
  await using lab = await openLab();
  const provider = openMirror(lab.mirrorUrl);
  const release = await provider.findRelease(CITY, { installed: null });
  lab.publish("GeoLite2-City", { buildEpoch: new Date("2026-11-24T00:00:00Z") });
  assertMatch((await refusalOf(provider.download(release, ignore))).message, /another release by now$/);
  assertNotEquals((await provider.findRelease(CITY, { installed: null })).release, release.release);
});

async function fill(dir: TempDir, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) await writeFile(dir.join(name), content);
}

Deno.test("createMirrorProvider() serves itself from a directory, in each form", async () => {
  await using dir = await openTempDir();
  const provider = openMirror(dir.path);
  assertEquals((await refusalOf(provider.findRelease(CITY, { installed: null }))).failure, "not_found");
  await fill(dir, { "GeoLite2-City.mmdb.gz": gzipSync(DATABASE) });
  assertEquals((await fetchEdition(provider)).bytes, DATABASE);
  await fill(dir, { "GeoLite2-City.mmdb": DATABASE });
  await utimes(dir.join("GeoLite2-City.mmdb"), 1_795_000_000, 1_795_000_000);
  const { release, bytes, delivery } = await fetchEdition(provider);
  assertEquals(bytes, DATABASE);
  assertEquals(release.release, `${new Date(1_795_000_000_000).toISOString()} ${DATABASE.length}`);
  assertEquals(delivery.modified_at, new Date(1_795_000_000_000).toISOString());
});

Deno.test("createMirrorProvider() verifies a directory's files by what lies beside them", async () => {
  await using dir = await openTempDir();
  const provider = openMirror(dir.path);
  const sum = sha256(DATABASE);
  await fill(dir, { "GeoLite2-City.mmdb": DATABASE, "GeoLite2-City.mmdb.sha256": `${sum.toUpperCase()}\n` });
  const { release } = await fetchEdition(provider);
  assertEquals([release.release, release.sha256], [sum, sum]);
  await fill(dir, { "GeoLite2-City.mmdb.sha256": `${"0".repeat(64)}  GeoLite2-City.mmdb\n` });
  const error = await refusalOf(fetchEdition(provider));
  assertEquals([error.failure, error.isRetryable], ["checksum", false]);
  assertMatch(error.message, new RegExp(`SHA-256 of GeoLite2-City.mmdb is ${sum}, expected is 0{64}$`));
  await fill(dir, { "GeoLite2-City.mmdb.sha256": "soon" });
  assertEquals((await refusalOf(fetchEdition(provider))).failure, "protocol");
});

Deno.test("createMirrorProvider() reads no folder and no pipe in place of a file", async () => {
  await using dir = await openTempDir();
  await mkdir(dir.join("GeoLite2-City.mmdb"));
  await new Deno.Command("mkfifo", { args: [dir.join("GeoLite2-City.mmdb.gz")] }).output();
  const error = await refusalOf(openMirror(dir.path).findRelease(CITY, { installed: null }));
  assertEquals(error.failure, "not_found");
});

Deno.test({
  name: "createMirrorProvider() says when it may not read a file",
  // Root may read everything.
  ignore: process.getuid?.() === 0,
  fn: async () => {
    await using dir = await openTempDir();
    await fill(dir, { "GeoLite2-City.mmdb": DATABASE });
    await chmod(dir.join("GeoLite2-City.mmdb"), 0);
    assertEquals((await refusalOf(openMirror(dir.path).download(RELEASE, ignore))).failure, "forbidden");
  },
});

Deno.test("createMirrorProvider() stops reading a directory when its caller or its sink says so", async () => {
  await using dir = await openTempDir();
  await fill(dir, { "GeoLite2-City.mmdb": new Uint8Array(1_000_000) });
  const caller = new AbortController();
  const stop = () => Promise.resolve(caller.abort(new Error("enough")));
  const provider = openMirror(dir.path);
  await assertRejects(() => provider.download(RELEASE, stop, { signal: caller.signal }), Error, "enough");
  const full = () => Promise.reject(new Error("the disk is full"));
  await assertRejects(() => provider.download(RELEASE, full), Error, "the disk is full");
});

Deno.test("createMirrorProvider() refuses names that lead out of the directory", async () => {
  await using dir = await openTempDir();
  for (const edition_id of ["../x", "a/b", "", ".", "..", "a\u0000b"]) {
    await assertRejects(
      () => openMirror(dir.path).findRelease({ ...CITY, edition_id }, { installed: null }),
      TypeError,
    );
  }
});
