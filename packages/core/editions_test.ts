import { assertEquals } from "@std/assert";
import { formatInstant, MS_PER_DAY } from "./clock.ts";
import { editionExpiry, gradeEditionAge, isExpired, setExpiry } from "./edition_age.ts";
import { planPruning } from "./edition_pruning.ts";
import {
  findRejection,
  forgiveRelease,
  noteEvent,
  noteInstalled,
  noteSuperseded,
  rejectRelease,
} from "./edition_record_keeping.ts";
import { type EditionManifest, type EditionSet, findEditionKind, findEditionLicence } from "./edition.ts";
import { EMPTY_EDITION_STATE } from "./edition_state.ts";
import { choosePlainEdition } from "./plain_edition.ts";

const NOW = Date.parse("2026-11-25T10:00:00Z");

Deno.test("gradeEditionAge() grades by the build, runbook: fresh to 7 days, warning above 14", () => {
  const cases: readonly [days: number, grade: string][] = [
    [-1, "ok"],
    [0, "ok"],
    [7, "ok"],
    [7.01, "info"],
    [14, "info"],
    [14.01, "warning"],
    [400, "warning"],
  ];
  for (const [days, grade] of cases) {
    assertEquals(gradeEditionAge((NOW - days * MS_PER_DAY) / 1_000, NOW), grade, `${days} days`);
  }
});

Deno.test("findEditionKind() and findEditionLicence() know the providers' names", () => {
  const cases: readonly [name: string, kind: string | null, days: number | null | undefined][] = [
    ["GeoLite2-City", "city", 30],
    ["GeoLite2-ASN", "asn", 30],
    ["GeoIP2-ISP", "asn", 30],
    ["GeoLite2-Country", null, 30],
    ["DBIP-City-Lite", "city", null],
    ["DBIP-ASN-Lite (compat=GeoLite2-ASN)", "asn", null],
    ["dbip-city-lite", "city", null],
    ["Mine-City", "city", undefined],
  ];
  for (const [name, kind, days] of cases) {
    assertEquals(findEditionKind(name), kind, name);
    assertEquals(findEditionLicence(name)?.destroyAfterDays, days, name);
  }
});

function edition(kind: "city" | "asn", sha256: string): EditionManifest {
  const database_type = kind === "city" ? "GeoLite2-City" : "GeoLite2-ASN";
  return {
    edition_id: database_type,
    kind,
    file: `${database_type}.mmdb`,
    database_type,
    build_epoch: NOW / 1_000,
    size_bytes: 1,
    sha256,
    md5: sha256,
    release: sha256,
    modified_at: null,
    networks: 1,
  };
}

function set(id: string, ...sha256s: readonly string[]): EditionSet {
  return {
    format: 1,
    id,
    provider: "maxmind",
    created_at: `2026-11-${id}T00:00:00Z`,
    editions: sha256s.map((sha256, index) => edition(index === 0 ? "city" : "asn", sha256)),
    verification: { verified_at: "2026-11-20T00:00:00Z", duration_ms: 1, warnings: [] },
  };
}

Deno.test("editionExpiry() is 30 days after a newer release was first seen", () => {
  const seen = formatInstant(NOW - 30 * MS_PER_DAY);
  const state = { superseded: [{ sha256: "a", at: seen }, { sha256: "b", at: formatInstant(NOW) }] };
  assertEquals(editionExpiry(edition("city", "a"), state), formatInstant(NOW));
  assertEquals(editionExpiry(edition("city", "c"), state), null);
  assertEquals(editionExpiry({ sha256: "a", database_type: "DBIP-City-Lite" }, state), null);
  assertEquals(setExpiry(set("20", "b", "a").editions, state), formatInstant(NOW));
  assertEquals(isExpired(formatInstant(NOW), NOW), true);
  assertEquals(isExpired(formatInstant(NOW), NOW - 1), false);
  assertEquals(isExpired(null, NOW), false);
});

Deno.test("planPruning() spares what serves, keeps the newest others, and destroys what the licence ended", () => {
  const sets = [set("24", "d"), set("21", "a"), set("23", "c"), set("22", "b")];
  const plan = (keepSets: number, currentId: string | null, expired: readonly string[] = []) => {
    const superseded = expired.map((sha256) => ({ sha256, at: "2026-10-01T00:00:00Z" }));
    return planPruning(sets, { currentId, keepSets, state: { superseded }, now: NOW })
      .map(({ id, reason }) => `${id} ${reason}`);
  };
  assertEquals(plan(2, "24"), ["21 surplus"]);
  assertEquals(plan(0, "21"), ["24 surplus", "23 surplus", "22 surplus"]);
  assertEquals(plan(9, "24"), []);
  assertEquals(plan(9, "24", ["c"]), ["23 licence"]);
  assertEquals(plan(1, "24", ["c"]), ["23 licence", "21 surplus"]);
  assertEquals(plan(9, "24", ["d"]), [], "what serves is graded, not destroyed");
  assertEquals(plan(9, null, ["d"]), ["24 licence"]);
});

Deno.test("noteSuperseded() keeps the first sight and forgets what is gone", () => {
  const first = noteSuperseded(EMPTY_EDITION_STATE, {
    outdated: [{ sha256: "a", at: "1" }],
    newest: [],
    kept: ["a", "b"],
  });
  const second = noteSuperseded(first, {
    outdated: [{ sha256: "a", at: "2" }, { sha256: "b", at: "2" }],
    newest: [],
    kept: ["a", "b"],
  });
  assertEquals(second.superseded, [{ sha256: "a", at: "1" }, { sha256: "b", at: "2" }]);
  assertEquals(noteSuperseded(second, { outdated: [], newest: [], kept: ["b"] }).superseded, [{
    sha256: "b",
    at: "2",
  }]);
});

Deno.test("noteSuperseded() forgets that a database was outdated once it is the newest again", () => {
  const outdated = noteSuperseded(EMPTY_EDITION_STATE, {
    outdated: [{ sha256: "a", at: "1" }, { sha256: "b", at: "1" }],
    newest: [],
    kept: ["a", "b"],
  });
  const back = noteSuperseded(outdated, { outdated: [], newest: ["a"], kept: ["a", "b"] });
  assertEquals(back.superseded, [{ sha256: "b", at: "1" }]);
});

Deno.test("noteInstalled() forgives the releases of a set and takes its databases for the newest", () => {
  const rejected = { reason: "rolled_back" as const, message: "", at: "1" };
  const release = { edition_id: "GeoLite2-City", release: "a" };
  const held = rejectRelease(
    noteSuperseded(EMPTY_EDITION_STATE, { outdated: [{ sha256: "a", at: "1" }], newest: [], kept: ["a"] }),
    { ...release, ...rejected },
  );
  const state = noteInstalled(held, set("20", "a"));
  assertEquals([state.rejected, state.superseded, state.events.at(-1)?.event], [[], [], "installed"]);
});

Deno.test("rejectRelease() is remembered by edition and release until it is forgiven", () => {
  const release = { edition_id: "E", release: "1" };
  const rejected = { ...release, reason: "verification" as const, message: "bad", at: "1" };
  const state = rejectRelease(rejectRelease(EMPTY_EDITION_STATE, rejected), { ...rejected, at: "2" });
  assertEquals(findRejection(state, release)?.at, "2");
  assertEquals(findRejection(state, { ...release, release: "2" }), null);
  assertEquals(findRejection(forgiveRelease(state, release), release), null);
});

Deno.test("noteEvent() keeps the latest events only", () => {
  let state = EMPTY_EDITION_STATE;
  for (let index = 0; index < 300; index++) {
    state = noteEvent(state, { at: String(index), event: "installed", set: null, reason: null });
  }
  assertEquals([state.events.length, state.events.at(-1)?.at], [200, "299"]);
});

Deno.test("choosePlainEdition() prefers what was asked for, then GeoLite2, then DB-IP's newest month", () => {
  const names = [
    "GeoIP2-City.mmdb",
    "GeoLite2-City.mmdb",
    "GeoLite2-ASN.mmdb",
    "dbip-city-lite-2026-10.mmdb",
    "dbip-city-lite-2026-11.mmdb",
    "Other.mmdb",
  ];
  assertEquals(choosePlainEdition("city", names, ["GeoIP2-ISP", "GeoIP2-City"]), "GeoIP2-City.mmdb");
  assertEquals(choosePlainEdition("city", names, []), "GeoLite2-City.mmdb");
  assertEquals(choosePlainEdition("city", names.slice(3), []), "dbip-city-lite-2026-11.mmdb");
  assertEquals(choosePlainEdition("asn", names.slice(3), []), null);
});
