import { assertEquals } from "@std/assert";
import type { EditionManifest, EditionSet } from "./edition.ts";
import { readEditionSet, readEditionState, sortEditionSets } from "./edition_document.ts";
import { isEditionFileName, isEditionSetId } from "./edition_name.ts";
import { type EditionState, EMPTY_EDITION_STATE } from "./edition_state.ts";

const CITY: EditionManifest = {
  edition_id: "GeoLite2-City",
  kind: "city",
  file: "GeoLite2-City.mmdb",
  database_type: "GeoLite2-City",
  build_epoch: 1_763_596_800,
  size_bytes: 10,
  sha256: "a".repeat(64),
  md5: "b".repeat(32),
  release: "20251120",
  modified_at: null,
  networks: 3,
};
const ASN: EditionManifest = { ...CITY, edition_id: "GeoLite2-ASN", kind: "asn", file: "GeoLite2-ASN.mmdb" };
const SET: EditionSet = {
  format: 1,
  id: "20261125-041500-1a2b3c4d",
  provider: "maxmind",
  created_at: "2026-11-25T04:15:00Z",
  editions: [CITY, ASN],
  verification: { verified_at: "2026-11-25T04:15:00Z", duration_ms: 1.5, warnings: ["smaller"] },
};

Deno.test("readEditionSet() takes what is whole", () => {
  const sets = [SET, { ...SET, editions: [ASN] }, { ...SET, later: "more" }];
  for (const set of sets) assertEquals(readEditionSet(JSON.parse(JSON.stringify(set))), set);
});

Deno.test("readEditionSet() refuses what is damaged or hostile", () => {
  const cases: Readonly<Record<string, unknown>> = {
    nothing: null,
    text: "set",
    list: [SET],
    "another format": { ...SET, format: 2 },
    "an id that climbs": { ...SET, id: "../up" },
    "no editions": { ...SET, editions: [] },
    "two of a kind": { ...SET, editions: [CITY, { ...CITY, file: "Other.mmdb" }] },
    "two in a file": { ...SET, editions: [CITY, { ...ASN, file: CITY.file }] },
    "a file that climbs": { ...SET, editions: [{ ...CITY, file: "../../x.mmdb" }] },
    "a checksum that is cut": { ...SET, editions: [{ ...CITY, sha256: "aa" }] },
    "a size below zero": { ...SET, editions: [{ ...CITY, size_bytes: -1 }] },
    "no verification": { ...SET, verification: null },
    "no date": { ...SET, created_at: "yesterday" },
  };
  for (const [name, value] of Object.entries(cases)) {
    assertEquals([name, readEditionSet(value)], [name, null]);
  }
});

Deno.test("readEditionState() takes what is whole and refuses the rest", () => {
  const full: EditionState = {
    ...EMPTY_EDITION_STATE,
    checked_at: "2026-11-25T04:15:00Z",
    attempt: {
      started_at: "2026-11-25T04:15:00Z",
      ended_at: null,
      outcome: null,
      error: { code: "X", message: "no" },
    },
    checks: ["2026-11-25T04:15:00Z"],
    rejected: [{
      edition_id: "a",
      release: "1",
      reason: "verification",
      message: "bad",
      at: "2026-11-25T04:15:00Z",
    }],
    superseded: [{ sha256: "aa", at: "2026-11-25T04:15:00Z" }],
    events: [{ at: "2026-11-25T04:15:00Z", event: "installed", set: "a", provider: "dbip", reason: null }],
  };
  for (const state of [EMPTY_EDITION_STATE, full]) assertEquals(readEditionState(state), state);
  const damaged = [
    null,
    {},
    { ...full, checks: "x" },
    { ...full, failures: "1" },
    { ...full, downloads: null },
    { ...full, retry_at: "soon" },
  ];
  for (const value of damaged) assertEquals(readEditionState(value), null);
});

Deno.test("sortEditionSets() has the newest first, by id where instants are equal", () => {
  const sets = [
    { ...SET, id: "a" },
    { ...SET, id: "c", created_at: "2026-11-24T00:00:00Z" },
    { ...SET, id: "b" },
  ];
  assertEquals(sortEditionSets(sets).map(({ id }) => id), ["b", "a", "c"]);
});

Deno.test("isEditionSetId() and isEditionFileName() refuse what could lead elsewhere", () => {
  const hostile = ["", ".", "..", "../a", "a/b", "a\\b", "/a", ".a", "a\0", "a\n", "a b", "C:", "ä"];
  for (const name of hostile) {
    assertEquals([name, isEditionSetId(name), isEditionFileName(`${name}.mmdb`)], [name, false, false]);
  }
  assertEquals(["20261125-041500-1a2b3c4d", "a"].map(isEditionSetId), [true, true]);
  const files = [
    "GeoLite2-City.mmdb",
    "dbip-city-lite-2026-11.mmdb",
    "a.b.mmdb",
    "manifest.json",
    "a.mmdb.gz",
  ];
  assertEquals(files.map(isEditionFileName), [true, true, true, false, false]);
});
