import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { Reader, type Response as MmdbResponse } from "maxmind";
import { WORLD } from "../world.ts";
import { type Lab, openLab } from "./lab.ts";

function noiseUrl(lab: Lab, address: string): string {
  return `${lab.env.GREYNOISE_API_SERVER}/v3/community/${address}`;
}

function credentials(lab: Lab): { authorization: string } {
  const { GEOIPUPDATE_ACCOUNT_ID, GEOIPUPDATE_LICENSE_KEY } = lab.env;
  return { authorization: `Basic ${btoa(`${GEOIPUPDATE_ACCOUNT_ID}:${GEOIPUPDATE_LICENSE_KEY}`)}` };
}

async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.status;
}

function mmdbIn(tarGz: Uint8Array): Buffer {
  const tar = gunzipSync(tarGz);
  for (let at = 0; at < tar.length;) {
    const name = tar.toString("latin1", at, tar.indexOf(0, at));
    const size = parseInt(tar.toString("latin1", at + 124, at + 135), 8);
    if (name.endsWith(".mmdb")) return tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error("no .mmdb");
}

Deno.test("the GreyNoise stand-in answers 200, 404 and 400 as the world is", async () => {
  await using lab = await openLab();
  const response = await fetch(noiseUrl(lab, "8.8.8.8"), { headers: { key: "k1" } });
  assertEquals(response.status, 200);
  assertEquals(await response.json(), {
    ip: "8.8.8.8",
    noise: false,
    riot: true,
    classification: "benign",
    name: "Google Public DNS",
    link: "https://viz.greynoise.io/riot/8.8.8.8",
    last_seen: "2026-11-21",
    message: "Success",
  });
  const quiet = WORLD.find(({ noise, version }) => noise === null && version === 4)!;
  assertEquals(await statusOf(noiseUrl(lab, quiet.address)), 404);
  for (const address of ["2001:4860:4860::8888", "10.0.0.1", "nonsense"]) {
    assertEquals(await statusOf(noiseUrl(lab, address)), 400, address);
  }
  assertEquals(lab.requests.greynoiseRequests, 5);
  const [first] = lab.requests.of("greynoise");
  assertEquals([first?.key, first?.status, first?.addresses], ["k1", 200, ["8.8.8.8"]]);
});

Deno.test("the GreyNoise stand-in has a limit when told", async () => {
  await using lab = await openLab({ greynoise: { limit: 1, rateLimit: "50-W" } });
  assertEquals(await statusOf(noiseUrl(lab, "8.8.8.8")), 200);
  const limited = await fetch(noiseUrl(lab, "8.8.8.8"));
  assertEquals(limited.status, 429);
  assertEquals((await limited.json()).rate_limit, "50-W");
});

Deno.test("the GreyNoise stand-in asks at each request whether it is one too many, when told", async () => {
  let isOver = false;
  await using lab = await openLab({ greynoise: { isOverLimit: () => isOver } });
  assertEquals(await statusOf(noiseUrl(lab, "8.8.8.8")), 200);
  isOver = true;
  assertEquals(await statusOf(noiseUrl(lab, "8.8.8.8")), 429);
});

Deno.test("HTTP stand-ins fail as faults say", async () => {
  await using lab = await openLab();
  const url = noiseUrl(lab, "8.8.8.8");
  lab.setFault("greynoise", { kind: "status", status: 429, body: "{}", headers: { "retry-after": "7" } });
  const limited = await fetch(url);
  assertEquals([limited.status, limited.headers.get("retry-after"), await limited.text()], [429, "7", "{}"]);
  lab.setFault("greynoise", { kind: "html" });
  const page = await fetch(url);
  assertEquals(page.status, 200);
  assertMatch(await page.text(), /^<!DOCTYPE html>/);
  lab.setFault("greynoise", { kind: "reset" });
  await assertRejects(() => fetch(url));
  lab.setFault("greynoise", { kind: "cut" });
  await assertRejects(async () => await (await fetch(url)).text());
  lab.setFault("greynoise", { kind: "garbage" });
  assertEquals((await (await fetch(url)).arrayBuffer()).byteLength, 4096);
  lab.setFault("greynoise", { kind: "drop" });
  await assertRejects(() => fetch(url, { signal: AbortSignal.timeout(60) }));
  lab.setFault("greynoise", { kind: "status", status: 503, chance: 0.25 });
  const statuses = [];
  for (let count = 0; count < 8; count++) statuses.push(await statusOf(url));
  assertEquals(statuses, [200, 200, 200, 503, 200, 200, 200, 503]);
  lab.setFault("greynoise", { kind: "status", status: 500, after: 1, times: 1 });
  assertEquals([await statusOf(url), await statusOf(url), await statusOf(url)], [200, 500, 200]);
  lab.setFault("greynoise", { kind: "status", status: 500, when: (address) => address === "1.1.1.1" });
  assertEquals([await statusOf(url), await statusOf(noiseUrl(lab, "1.1.1.1"))], [200, 500]);
});

Deno.test("HTTP stand-ins send without end when told", async () => {
  await using lab = await openLab();
  lab.setFault("greynoise", { kind: "endless", of: "body" });
  const reader = (await fetch(noiseUrl(lab, "8.8.8.8"))).body!.getReader();
  let bytes = 0;
  while (bytes < 2_000_000) bytes += (await reader.read()).value?.length ?? 0;
  await reader.cancel();
  assert(bytes >= 2_000_000);
});

Deno.test("the MaxMind stand-in tells, redirects and serves the newest release", async () => {
  await using lab = await openLab();
  const host = `${lab.env.GEOIPUPDATE_HOST}/geoip`;
  const headers = credentials(lab);
  const metadata = await (await fetch(`${host}/updates/metadata?edition_id=GeoLite2-ASN`, { headers }))
    .json();
  assertEquals([metadata.databases.length, metadata.databases[0].date], [1, "2026-11-20"]);
  const url = `${host}/databases/GeoLite2-ASN/download?date=20261120&suffix=tar.gz`;
  const redirect = await fetch(url, { headers, redirect: "manual" });
  await redirect.body?.cancel();
  assertEquals(redirect.status, 302);
  const location = redirect.headers.get("location")!;
  assert(new URL(location).origin !== new URL(lab.env.GEOIPUPDATE_HOST).origin);
  const response = await fetch(location);
  assertEquals(response.headers.get("last-modified"), "Fri, 20 Nov 2026 00:00:00 GMT");
  const archive = new Uint8Array(await response.arrayBuffer());
  const database = mmdbIn(archive);
  assertEquals(createHash("md5").update(database).digest("hex"), metadata.databases[0].md5);
  const found: unknown = new Reader<MmdbResponse>(database).get("8.8.8.8");
  assertEquals(found, { autonomous_system_number: 15169, autonomous_system_organization: "GOOGLE" });
  const sum = await (await fetch(`${host}/databases/GeoLite2-ASN/download?suffix=tar.gz.sha256`, { headers }))
    .text();
  assertEquals(sum, `${createHash("sha256").update(archive).digest("hex")}  GeoLite2-ASN_20261120.tar.gz\n`);
  const { maxmindMetadata, maxmindDownloads, maxmindChecksums, objectStoreDownloads } = lab.requests;
  assertEquals([maxmindMetadata, maxmindDownloads, maxmindChecksums, objectStoreDownloads], [1, 1, 1, 1]);
});

Deno.test("the MaxMind stand-in refuses bad credentials, and its store any credentials", async () => {
  await using lab = await openLab();
  const url = `${lab.env.GEOIPUPDATE_HOST}/geoip/updates/metadata?edition_id=GeoLite2-ASN`;
  assertEquals(await statusOf(url), 401);
  assertEquals(await statusOf(url, { headers: { authorization: `Basic ${btoa("123456:wrong")}` } }), 401);
  assertEquals(await statusOf(url.replace("ASN", "Nope"), { headers: credentials(lab) }), 400);
  const download = `${lab.env.GEOIPUPDATE_HOST}/geoip/databases/GeoLite2-ASN/download?suffix=tar.gz`;
  const redirect = await fetch(download, { headers: credentials(lab), redirect: "manual" });
  await redirect.body?.cancel();
  const location = redirect.headers.get("location")!;
  assertEquals(await statusOf(location, { headers: credentials(lab) }), 400);
  assertEquals(await statusOf(location, { headers: { "x-api-key": "secret" } }), 400);
  assertEquals(lab.requests.objectStoreLeaks, 2);
  assertEquals(await statusOf(location.split("?")[0]!), 403);
  assertEquals(await statusOf(location), 200);
});

Deno.test("the MaxMind stand-in publishes new releases and keeps old ones by date", async () => {
  await using lab = await openLab();
  lab.publish("GeoLite2-ASN", { buildEpoch: new Date("2026-11-24T10:00:00Z") });
  const headers = credentials(lab);
  const host = `${lab.env.GEOIPUPDATE_HOST}/geoip`;
  const { databases } = await (await fetch(`${host}/updates/metadata?edition_id=GeoLite2-ASN`, { headers }))
    .json();
  assertEquals(databases[0].date, "2026-11-24");
  const buildOf = async (query: string) => {
    const response = await fetch(`${host}/databases/GeoLite2-ASN/download?${query}suffix=tar.gz`, {
      headers,
    });
    const database = mmdbIn(new Uint8Array(await response.arrayBuffer()));
    return new Reader<MmdbResponse>(database).metadata.buildEpoch.toISOString();
  };
  assertEquals(await buildOf(""), "2026-11-24T10:00:00.000Z");
  assertEquals(await buildOf("date=20261120&"), "2026-11-20T00:00:00.000Z");
  lab.withdraw("GeoLite2-ASN");
  assertEquals(await statusOf(`${host}/databases/GeoLite2-ASN/download?suffix=tar.gz`, { headers }), 404);
});

Deno.test("the MaxMind stand-in spoils its releases as faults say", async () => {
  await using lab = await openLab();
  const headers = credentials(lab);
  const host = `${lab.env.GEOIPUPDATE_HOST}/geoip`;
  const download = async () => {
    const response = await fetch(`${host}/databases/GeoLite2-City/download?suffix=tar.gz`, { headers });
    return new Uint8Array(await response.arrayBuffer());
  };
  const whole = await download();
  lab.setFault("objectStore", { kind: "truncatedGzip" });
  assertLess((await download()).length, whole.length);
  lab.setFault("objectStore", { kind: "plain" });
  assertStringIncludes(Buffer.from(await download()).toString("latin1", 0, 512), "ustar");
  lab.setFault("objectStore", { kind: "archive", hostility: "wrong_edition" });
  assertStringIncludes(
    gunzipSync(await download()).toString("latin1"),
    "GeoLite2-ASN_20261120/GeoLite2-ASN.mmdb",
  );
  lab.setFault("objectStore", { kind: "bomb" });
  assertLess((await download()).length, 2_000_000);
  lab.setFault("maxmind", { kind: "wrongChecksum" });
  const { databases } = await (await fetch(`${host}/updates/metadata?edition_id=GeoLite2-City`, { headers }))
    .json();
  assertEquals(databases[0].md5, "0".repeat(32));
  lab.setFault("maxmind", { kind: "status", status: 429, path: "/download" });
  assertEquals(await statusOf(`${host}/databases/GeoLite2-City/download?suffix=tar.gz`, { headers }), 429);
  assertEquals(await statusOf(`${host}/updates/metadata?edition_id=GeoLite2-City`, { headers }), 200);
});

Deno.test("the DB-IP stand-in has the running month and the one before", async () => {
  await using lab = await openLab({ dbipMonths: ["2026-10"] });
  assertEquals(await statusOf(`${lab.env.DBIP_URL}/dbip-city-lite-2026-11.mmdb.gz`), 404);
  const response = await fetch(`${lab.env.DBIP_URL}/dbip-asn-lite-2026-10.mmdb.gz`);
  const reader = new Reader<MmdbResponse>(gunzipSync(new Uint8Array(await response.arrayBuffer())));
  assertEquals(reader.metadata.databaseType, "DBIP-ASN-Lite");
  assertEquals(reader.metadata.buildEpoch.toISOString(), "2026-10-01T00:00:00.000Z");
  assertEquals(lab.requests.dbipDownloads, 2);
  await using today = await openLab();
  const now = new Date();
  for (const offset of [0, -1]) {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1)).toISOString().slice(
      0,
      7,
    );
    assertEquals(await statusOf(`${today.env.DBIP_URL}/dbip-city-lite-${month}.mmdb.gz`), 200, month);
  }
});

Deno.test("the mirror stand-in has the forms and checksums that it is told to have", async () => {
  await using lab = await openLab({ mirror: { forms: ["mmdb", "tar.gz"], credentials: "u:p" } });
  const headers = { authorization: `Basic ${btoa("u:p")}` };
  const url = `${lab.mirrorUrl}/GeoLite2-ASN.mmdb`;
  assertEquals([await statusOf(url), await statusOf(url, { headers })], [401, 200]);
  assertEquals(await statusOf(`${url}.gz`, { headers }), 404);
  const bytes = new Uint8Array(await (await fetch(url, { headers })).arrayBuffer());
  const sum = await (await fetch(`${url}.sha256`, { headers })).text();
  assertEquals(sum, `${createHash("sha256").update(bytes).digest("hex")}  GeoLite2-ASN.mmdb\n`);
  lab.setFault("mirror", { kind: "wrongChecksum" });
  assertMatch(await (await fetch(`${url}.sha256`, { headers })).text(), /^0{64} /);
  await using bare = await openLab({ mirror: { hasChecksums: false, validators: [], headStatus: 405 } });
  const archive = `${bare.mirrorUrl}/GeoLite2-City.tar.gz`;
  assertEquals([await statusOf(archive, { method: "HEAD" }), await statusOf(`${archive}.sha256`)], [
    405,
    404,
  ]);
  const response = await fetch(archive);
  assertEquals([response.headers.get("etag"), response.headers.get("last-modified")], [null, null]);
  mmdbIn(new Uint8Array(await response.arrayBuffer()));
});
