import { assert, assertEquals, assertLess, assertThrows, fail } from "@std/assert";
import { EditionUnreadableError, parseAddress } from "@ipcascade/core";
import { Reader, type Response } from "maxmind";
import type { Buffer } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createEditionVerifier } from "./edition_verify.ts";
import { createMaxmindSource } from "./maxmind_source.ts";
import { openMmdb } from "./mmdb.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import { verifyMmdb } from "./mmdb_verify.ts";

/** A folder with `good/` and `bad/` databases, such as MaxMind's public ones (repository MaxMind-DB, `test-data`). */
const FIXTURES = process.env.IPCASCADE_MMDB_FIXTURES;

const ADDRESSES = [
  "1.1.1.1",
  "1.1.1.3",
  "1.128.0.0",
  "2.125.160.216",
  "81.2.69.142",
  "89.160.20.112",
  "216.160.83.56",
  "255.255.255.255",
  "::1:ffff:ffff",
  "::2:0:40",
  "2001:218::1",
  "2001:252::1",
  "2a02:d300::1",
  "2600:6000::1",
];

function listFixtures(kind: "good" | "bad"): string[] {
  return readdirSync(join(FIXTURES!, kind)).filter((name) => name.endsWith(".mmdb"));
}

function readFixture(kind: "good" | "bad", name: string): Buffer {
  return readFileSync(join(FIXTURES!, kind, name));
}

Deno.test({
  name: "openMmdb() reads MaxMind's good test databases like the maxmind package",
  ignore: FIXTURES === undefined,
  fn() {
    let found = 0;
    for (const name of listFixtures("good")) {
      const bytes = readFixture("good", name);
      const mmdb = openMmdb(bytes);
      verifyMmdb(mmdb);
      const oracle = new Reader<Response>(bytes);
      for (const text of ADDRESSES) {
        const address = parseAddress(text)!;
        // The oracle takes an IPv6 address for an IPv4 one where the tree is IPv4's.
        if (mmdb.metadata.ipVersion === 4 && address.family === 6) continue;
        const offset = mmdb.findDataOffset(address);
        const actual = offset < 0 ? null : mmdb.decode(offset);
        assertEquals<unknown>(actual, oracle.get(text), `${name} ${text}`);
        if (actual !== null) found++;
      }
    }
    assert(found > 10, `${found} records`);
  },
});

Deno.test({
  name: "createMaxmindSource() answers from MaxMind's good test databases",
  ignore: FIXTURES === undefined,
  fn() {
    const source = createMaxmindSource({
      city: readFixture("good", "GeoLite2-City-Test.mmdb"),
      asn: readFixture("good", "GeoLite2-ASN-Test.mmdb"),
      elapsed: () => 0,
    });
    const place = source.lookUp(parseAddress("81.2.69.142")!, "2026-11-23T00:00:00Z");
    assert(place.status === "hit");
    assertEquals([place.data.country_code, place.data.city], ["GB", "London"]);
    const origin = source.lookUp(parseAddress("1.128.0.0")!, "2026-11-23T00:00:00Z");
    assert(origin.status === "hit");
    assertEquals([origin.data.asn, origin.data.asn_org], [1221, "Telstra Pty Ltd"]);
  },
});

for (const [kind, verdict, maxMs] of [["good", "ok", 10_000], ["bad", "refused", 2_000]] as const) {
  Deno.test({
    name: `VerifyEdition finds MaxMind's ${kind} test databases ${verdict}`,
    ignore: FIXTURES === undefined,
    async fn() {
      const verify = createEditionVerifier({
        clock: { elapsed: () => performance.now() },
        createHasher: () => fail("no checksum is expected"),
        pause: () => Promise.resolve(),
      });
      for (const name of listFixtures(kind)) {
        const found = await verify(readFixture(kind, name), { now: Date.now(), edition: null });
        assertEquals(found.verdict, verdict, `${name}: ${JSON.stringify(found.findings)}`);
        assertLess(found.duration_ms, maxMs, name);
      }
    },
  });
}

Deno.test({
  name: "openMmdb() or verifyMmdb() refuses MaxMind's bad test databases",
  ignore: FIXTURES === undefined,
  fn() {
    const names = listFixtures("bad");
    assert(names.length > 0);
    for (const name of names) {
      const error = assertThrows(() => verifyMmdb(openMmdb(readFixture("bad", name))), name) as Error;
      const isTyped = error instanceof EditionUnreadableError || error instanceof MmdbCorruptError;
      assert(isTyped, `${name}: ${error.name} ${error.message}`);
    }
  },
});
