import { assert, assertEquals, assertRejects } from "@std/assert";
import type { CreateHasher, EditionCanary, EditionExpectations, EditionFinding } from "@ipcascade/core";
import {
  buildEdition,
  damageEdition,
  damageRecord,
  EDITION_BUILD_EPOCH,
  EDITION_DAMAGES,
  MmdbWriter,
  type MmdbWriterOptions,
  plantRecord,
  RECORD_DAMAGES,
  type RecordDamage,
} from "@ipcascade/testkit";
import { createHash } from "node:crypto";
import { treeOf } from "./_test_tree.ts";
import { createEditionVerifier } from "./edition_verify.ts";

const DAY = 86_400;
const NOW = (EDITION_BUILD_EPOCH + 3 * DAY) * 1_000;
const CANARIES: readonly EditionCanary[] = [{ address: "8.8.8.8", asn: 15_169, country: "US" }];
const CITY = buildEdition("GeoLite2-City");
const ASN = buildEdition("GeoLite2-ASN");

const createHasher: CreateHasher = (algorithm) => {
  const hash = createHash(algorithm);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest("hex") };
};

const sha256Of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A verifier that has time stand still. */
const verify = createEditionVerifier({
  clock: { elapsed: () => 0 },
  createHasher,
  pause: () => Promise.resolve(),
});

function verifyWith(bytes: Uint8Array, expectations: Partial<EditionExpectations> = {}) {
  return verify(bytes, { now: NOW, edition: null, ...expectations });
}

async function findingsOf(bytes: Uint8Array, expectations: Partial<EditionExpectations> = {}) {
  const { verdict, findings } = await verifyWith(bytes, expectations);
  const isRefused = findings.some(({ severity }) => severity === "error");
  assertEquals(verdict, isRefused ? "refused" : "ok");
  return findings;
}

function summary(findings: readonly EditionFinding[]): string[] {
  return findings.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
}

Deno.test("VerifyEdition tells what a sound edition holds", async () => {
  const edition = { id: "GeoLite2-City", kind: "city" as const };
  const expectations = { edition, sha256: sha256Of(CITY).toUpperCase(), canaries: CANARIES };
  const { nodes, networks, records, ...rest } = await verifyWith(CITY, expectations);
  assertEquals(rest, {
    verdict: "ok",
    findings: [],
    database_type: "GeoLite2-City",
    build_epoch: EDITION_BUILD_EPOCH,
    size_bytes: CITY.length,
    duration_ms: 0,
  });
  assert(nodes > networks && networks >= records && records > 10, `${nodes} ${networks} ${records}`);
});

for (const damage of EDITION_DAMAGES) {
  Deno.test(`VerifyEdition refuses ${damage}`, async () => {
    const findings = await findingsOf(damageEdition(CITY, damage));
    assert(findings.length <= 20 && findings[0]?.severity === "error", summary(findings).join("\n"));
  });
}

const STATES: Readonly<Record<RecordDamage, string>> = {
  pointer_to_pointer: "pointer leads to a pointer",
  pointer_out_of_range: "offset 4294967295 is outside the section",
  cache_container: "type 12 has size 0",
  end_marker: "type 13 has size 0",
  unknown_type: "unknown type 16",
  extended_map: "unknown type 7",
  large_boolean: "type 14 has size 2",
  short_double: "type 3 has size 4",
  long_float: "type 15 has size 8",
  long_uint16: "type 5 has size 3",
  long_uint32: "type 6 has size 5",
  long_int32: "type 8 has size 5",
  long_uint64: "type 9 has size 9",
  long_uint128: "type 10 has size 17",
  oversized_text: "section ends inside a value",
  oversized_bytes: "section ends inside a value",
  oversized_map: "section ends inside a value",
  number_key: "map key is not a text",
  map_key: "map key is not a text",
  bad_utf8_key: "not valid UTF-8",
};

/** Where the first bytes are different: planted data stands before the metadata. */
function plantedAt(sound: Uint8Array): number {
  const marker = new TextEncoder().encode("MaxMind.com");
  for (let at = sound.length - marker.length;; at--) {
    if (marker.every((byte, index) => sound[at + index] === byte)) return at - 3;
  }
}

for (const damage of RECORD_DAMAGES) {
  Deno.test(`VerifyEdition refuses ${damage} in the one record that has it`, async () => {
    const findings = await findingsOf(damageRecord(CITY, damage));
    assertEquals(findings.map(({ code, network }) => [code, network]), [["record", "8.8.8.0/24"]]);
    const { message, offset } = findings[0]!;
    const start = plantedAt(CITY);
    assert(message.startsWith(`Record at ${start} is damaged: ${STATES[damage]}`), message);
    assert(offset! >= start && offset! <= start + 40, `${offset} is not near ${start}`);
  });
}

Deno.test("VerifyEdition refuses a record of an edition that is no map", async () => {
  const text = plantRecord(CITY, () => Uint8Array.of(0x42, 0x61, 0x62));
  const [finding] = await findingsOf(text);
  assertEquals([finding?.code, finding?.network], ["record", "8.8.8.0/24"]);
  const other = new MmdbWriter({ databaseType: "Names" }).insert("1.0.0.0/8", "one").toBytes();
  assertEquals(await findingsOf(other), []);
});

Deno.test("VerifyEdition ends early on a tree that is damaged everywhere", async () => {
  const records = Array.from({ length: 1_000 }, () => [0, 0] as const);
  const { findings, verdict } = await verifyWith(treeOf(records));
  assertEquals([verdict, findings.length], ["refused", 20]);
});

const UNREADABLE:
  readonly (readonly [label: string, metadata: MmdbWriterOptions["metadata"], message: RegExp])[] = [
    [
      "another major version",
      { binary_format_major_version: 3 },
      /binary_format_major_version is 3, expected 2/,
    ],
    ["no minor version", { binary_format_minor_version: undefined }, /binary_format_minor_version is not/],
    [
      "a minor version of 17 bits",
      { binary_format_minor_version: 65_536 },
      /binary_format_minor_version is not/,
    ],
    ["an empty type", { database_type: "" }, /database_type is ""/],
    ["a build epoch of 0", { build_epoch: 0 }, /build_epoch is 0/],
    ["a build epoch after the year 9999", { build_epoch: 2 ** 40 }, /build_epoch is 1099511627776/],
    ["an IP version of 5", { ip_version: 5 }, /ip_version is 5/],
    ["records of 20 bits", { record_size: 20 }, /record_size is 20/],
    ["no node count", { node_count: undefined }, /node_count is missing/],
    ["more nodes than fit", { node_count: 1_000_000 }, /tree of 1000000 nodes does not fit/],
    ["one node too few", { node_count: 1 }, /no separator of zeros/],
    ["languages that are no list", { languages: "en" }, /languages is not a list of texts/],
    ["a language that is a number", { languages: ["en", 7] }, /languages is not a list of texts/],
    ["a description that is a text", { description: "x" }, /description is not a map of texts/],
    ["a description that is a number", { description: { en: 7 } }, /description is not a map of texts/],
  ];

for (const [label, metadata, message] of UNREADABLE) {
  Deno.test(`VerifyEdition refuses metadata with ${label}`, async () => {
    const bytes = new MmdbWriter({ databaseType: "Test", metadata }).insert("1.0.0.0/8", { a: 1 }).toBytes();
    const findings = await findingsOf(bytes);
    assertEquals(findings.map(({ code }) => code), ["unreadable"]);
    assert(message.test(findings[0]!.message), findings[0]!.message);
  });
}

Deno.test("VerifyEdition takes metadata without what is optional, and with what is unknown", async () => {
  const metadata = {
    languages: undefined,
    description: undefined,
    binary_format_minor_version: 9,
    extra: [{}],
  };
  const bytes = new MmdbWriter({ databaseType: "Test", metadata }).insert("1.0.0.0/8", { a: 1 }).toBytes();
  assertEquals(await findingsOf(bytes), []);
});

Deno.test("VerifyEdition names where a separator should be", async () => {
  const writer = new MmdbWriter({ databaseType: "Test" }).insert("1.0.0.0/8", { a: 1 });
  const written = writer.toBytes();
  written[writer.layout.treeBytes + 3] = 1;
  assertEquals((await findingsOf(written))[0]?.offset, writer.layout.treeBytes);
});

Deno.test("VerifyEdition refuses nodes out of reach in MaxMind's editions, and tells of them in others", async () => {
  const unreachable = treeOf([[2, 18], [18, 2]]);
  assertEquals(summary(await findingsOf(unreachable)), [
    "warning tree: No path leads to 1 of 2 nodes of the search tree",
  ]);
  assertEquals((await findingsOf(damageType(unreachable, "GeoIP2-A")))[0]?.severity, "error");
});

/** Renames a database of the type `Test`, whose metadata is at the end. */
function damageType(bytes: Uint8Array, databaseType: string): Uint8Array {
  const text = new TextDecoder("latin1").decode(bytes);
  const renamed = text.replace("DTest", `${String.fromCharCode(0x40 + databaseType.length)}${databaseType}`);
  return Uint8Array.from(renamed, (letter) => letter.charCodeAt(0));
}

const TYPES: readonly (readonly [type: string, id: string, kind: "city" | "asn", isTaken: boolean])[] = [
  ["GeoLite2-City", "GeoLite2-City", "city", true],
  ["GeoLite2-ASN", "GeoLite2-City", "city", false],
  ["GeoIP2-City", "GeoLite2-City", "city", false],
  ["DBIP-City-Lite", "GeoLite2-City", "city", false],
  ["GeoIP2-ISP", "GeoIP2-ISP", "asn", true],
  ["DBIP-City-Lite", "dbip-city-lite", "city", true],
  ["DBIP-ASN-Lite (compat=GeoLite2-ASN)", "dbip-asn-lite", "asn", true],
  ["DBIP-ASN-Lite (compat=GeoLite2-ASN)", "dbip-city-lite", "city", false],
  ["Names", "dbip-city-lite", "city", false],
];

for (const [databaseType, id, kind, isTaken] of TYPES) {
  Deno.test(`VerifyEdition ${isTaken ? "takes" : "refuses"} "${databaseType}" as "${id}"`, async () => {
    const findings = await findingsOf(buildEdition("GeoLite2-City", { databaseType }), {
      edition: { id, kind },
    });
    assertEquals(findings.map(({ code }) => code), isTaken ? [] : ["type"]);
  });
}

Deno.test("VerifyEdition refuses builds of the future, a day of grace excepted", async () => {
  const asOf = (seconds: number) => findingsOf(ASN, { now: (EDITION_BUILD_EPOCH + seconds) * 1_000 });
  assertEquals(await asOf(-DAY), []);
  assertEquals(summary(await asOf(-DAY - 1)), [
    "error future: Build of 2026-11-20T00:00:00.000Z lies in the future",
  ]);
  assertEquals(await asOf(900 * DAY), [], "age refuses nothing");
});

function installedOf(change: { build?: number; size?: number; networks?: number }) {
  return {
    build_epoch: EDITION_BUILD_EPOCH + (change.build ?? 0),
    size_bytes: change.size ?? ASN.length,
    networks: change.networks ?? 0,
  };
}

Deno.test("VerifyEdition refuses a build older than the installed one, or tells of it", async () => {
  assertEquals(await findingsOf(ASN, { installed: installedOf({}) }), []);
  const installed = installedOf({ build: 1 });
  const message =
    "older: Build of 2026-11-20T00:00:00.000Z is older than the installed one of 2026-11-20T00:00:01.000Z";
  assertEquals(summary(await findingsOf(ASN, { installed })), [`error ${message}`]);
  assertEquals(summary(await findingsOf(ASN, { installed, olderIs: "warning" })), [`warning ${message}`]);
});

Deno.test("VerifyEdition tells of a size or network count far from the installed one's", async () => {
  const { networks } = await verifyWith(ASN);
  const size = ASN.length;
  const codes = async (change: { size: number; networks: number }, maxChangePercent?: number) =>
    (await findingsOf(ASN, { installed: installedOf(change), maxChangePercent })).map(({ severity, code }) =>
      `${severity} ${code}`
    );
  assertEquals(await codes({ size: size * 1.3, networks: networks * 0.9 }), []);
  assertEquals(await codes({ size: size * 1.4, networks }), ["warning size"]);
  assertEquals(await codes({ size: size * 0.7, networks: networks * 2 }), [
    "warning size",
    "warning networks",
  ]);
  assertEquals(await codes({ size: size * 0.7, networks: networks * 2 }, 60), []);
  const [told] = await findingsOf(ASN, { installed: installedOf({ size: size * 2, networks }) });
  assertEquals(
    told?.message,
    `Size is 50 % smaller than the installed edition's: ${size} after ${size * 2} bytes`,
  );
});

Deno.test("VerifyEdition refuses other bytes than those of the checksum", async () => {
  const sha256 = sha256Of(ASN);
  const other = ASN.slice();
  other[other.length - 1]! ^= 1;
  const findings = await findingsOf(other, { sha256 });
  assertEquals(findings[0]?.message, `SHA-256 is ${sha256Of(other)}, expected ${sha256}`);
  assertEquals((await findingsOf(damageEdition(ASN, "html"), { sha256 })).map(({ code }) => code), [
    "checksum",
    "unreadable",
  ]);
});

Deno.test("VerifyEdition asks each kind of edition for what it knows", async () => {
  const wrong = { address: "8.8.8.8", asn: 64_500, country: "DE" };
  assertEquals(await findingsOf(CITY, { canaries: CANARIES }), []);
  assertEquals(await findingsOf(ASN, { canaries: CANARIES }), []);
  assertEquals(summary(await findingsOf(CITY, { canaries: [wrong] })), [
    "error canary: Look-up of 8.8.8.8 brings US, expected DE",
  ]);
  assertEquals(summary(await findingsOf(ASN, { canaries: [wrong], canaryIs: "warning" })), [
    "warning canary: Look-up of 8.8.8.8 brings AS15169, expected AS64500",
  ]);
  const unknown = { address: "127.0.0.1", asn: 1, country: "US" };
  assertEquals((await findingsOf(ASN, { canaries: [unknown] }))[0], {
    severity: "error",
    code: "canary",
    message: "Look-up of 127.0.0.1 brings nothing, expected AS1",
    offset: null,
    network: "127.0.0.1/32",
  });
});

Deno.test("VerifyEdition skips canaries that concern another kind, or no kind", async () => {
  const asnOnly = { address: "8.8.8.8", asn: 1, country: null };
  assertEquals(await findingsOf(CITY, { canaries: [asnOnly] }), []);
  const names = new MmdbWriter({ databaseType: "Names" }).insert("1.0.0.0/8", { a: 1 }).toBytes();
  assertEquals(await findingsOf(names, { canaries: CANARIES }), []);
});

Deno.test("VerifyEdition tells of a canary that stumbles over damage", async () => {
  const findings = await findingsOf(damageEdition(CITY, "bad_utf8"), { canaries: CANARIES });
  assertEquals(findings.map(({ code }) => code), ["record", "canary"]);
});

Deno.test("VerifyEdition does not take a canary that is no address", async () => {
  const canaries = [{ address: "dns.google", asn: 1, country: null }];
  await assertRejects(() => verifyWith(ASN, { canaries }), TypeError, '"dns.google"');
});

Deno.test("VerifyEdition tells its progress, pauses, and ends when it is told to", async () => {
  let elapsed = 0;
  let pauses = 0;
  const controller = new AbortController();
  const slicing = createEditionVerifier({
    clock: { elapsed: () => elapsed += 11 },
    createHasher,
    pause: () => Promise.resolve(void pauses++),
  });
  const shares: number[] = [];
  const expectations = { now: NOW, edition: null, sha256: sha256Of(CITY) };
  const { duration_ms } = await slicing(CITY, expectations, { onProgress: (share) => shares.push(share) });
  assertEquals(shares.at(-1), 1);
  assertEquals(shares, shares.toSorted((a, b) => a - b));
  assert(pauses > 0 && duration_ms > 0, `${pauses} pauses in ${duration_ms} ms`);
  const onProgress = () => controller.abort(new Error("stop"));
  const stopped = slicing(CITY, expectations, { signal: controller.signal, onProgress });
  await assertRejects(() => stopped, Error, "stop");
});
