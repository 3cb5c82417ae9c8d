import { assertEquals } from "@std/assert";
import { copyExpiry } from "./edition_superseding.ts";
import type { EditionManifest, EditionSet } from "./edition.ts";

const BUILT = Date.UTC(2026, 9, 1) / 1_000;

function edition(fields: Partial<EditionManifest>): EditionManifest {
  return {
    edition_id: "GeoLite2-City",
    kind: "city",
    file: "GeoLite2-City.mmdb",
    database_type: "GeoLite2-City",
    build_epoch: BUILT,
    size_bytes: 1,
    sha256: "a".repeat(64),
    md5: "b".repeat(32),
    release: "1",
    modified_at: null,
    networks: 1,
    ...fields,
  };
}

function setOf(...editions: readonly EditionManifest[]): EditionSet {
  const created_at = "2026-10-01T00:00:00.000Z";
  return {
    format: 1,
    id: "20261001-000000-00000000",
    provider: "maxmind",
    created_at,
    editions,
    verification: { verified_at: created_at, duration_ms: 1, warnings: [] },
  };
}

const DAY_S = 86_400;
const COPIED_AT = Date.UTC(2026, 9, 6);

Deno.test("copyExpiry() is 30 days after the first newer release that is known, and never later than 37 days after the copy", () => {
  const cases: readonly [name: string, kept: readonly EditionSet[], seenAt: string | null, expiry: string][] =
    [
      ["nothing is known", [], null, "2026-11-12T00:00:00.000Z"],
      ["the same build serves", [setOf(edition({}))], null, "2026-11-12T00:00:00.000Z"],
      [
        "a newer build serves",
        [setOf(edition({ build_epoch: BUILT + 3 * DAY_S, sha256: "c".repeat(64) }))],
        null,
        "2026-11-03T00:00:00.000Z",
      ],
      [
        "of two newer builds the first one counts",
        [20, 4].map((days) => setOf(edition({ build_epoch: BUILT + days * DAY_S }))),
        null,
        "2026-11-04T00:00:00.000Z",
      ],
      ["a newer release was seen", [], "2026-10-04T12:00:00.000Z", "2026-11-03T12:00:00.000Z"],
      [
        "another edition is newer",
        [setOf(edition({ edition_id: "GeoLite2-ASN", build_epoch: BUILT + DAY_S }))],
        null,
        "2026-11-12T00:00:00.000Z",
      ],
    ];
  for (const [name, kept, seenAt, expiry] of cases) {
    const superseded = seenAt === null ? [] : [{ sha256: "a".repeat(64), at: seenAt }];
    assertEquals(
      copyExpiry([edition({})], { state: { superseded }, kept, copiedAt: COPIED_AT }),
      expiry,
      name,
    );
  }
});

Deno.test("copyExpiry() lets what has no such licence be kept, and goes by the edition that ends first", () => {
  const known = { state: { superseded: [] }, kept: [], copiedAt: COPIED_AT };
  const free = edition({ database_type: "DBIP-City-Lite", edition_id: "dbip-city-lite" });
  assertEquals(copyExpiry([free], known), null);
  const asn = edition({ kind: "asn", edition_id: "GeoLite2-ASN", database_type: "GeoLite2-ASN" });
  const newer = setOf({ ...asn, build_epoch: BUILT + DAY_S });
  assertEquals(copyExpiry([free, edition({}), asn], { ...known, kept: [newer] }), "2026-11-01T00:00:00.000Z");
});
