import { assert, assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { ROW_BACKOFF } from "./backoff.ts";
import { formatInstant, MS_PER_DAY, MS_PER_MINUTE } from "./clock.ts";
import type { CymruAnswer, GreynoiseAnswer, MaxmindAnswer } from "./enrichment.ts";
import type { InventoryRow } from "./inventory.ts";
import { emptyRow, mergeOutcomes, type SourceOutcomes } from "./merge.ts";
import { type LookupOutcome, SOURCE_NAMES, type SourceName } from "./outcome.ts";
import type { InstalledEditions } from "./source.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const INSTALLED: InstalledEditions = { cityBuildEpoch: 200, asnBuildEpoch: 300 };
const OPTIONS = { now: NOW, installed: INSTALLED, random: () => 0 };

const MAXMIND: MaxmindAnswer = {
  country_code: "DE",
  country_name: "Germany",
  city: "Leipzig",
  latitude: 51.3,
  longitude: 12.4,
  accuracy_radius: 20,
  asn: 64_500,
  asn_org: "Example One",
  database_build: "2026-11-20T00:00:00.000Z",
  checked_at: formatInstant(NOW),
};
const CYMRU: CymruAnswer = {
  asn: 64_501,
  asns: [64_501, 64_502],
  asn_org: "EXAMPLE-TWO, US",
  country_code: "US",
  registry: "arin",
  prefix: "192.0.2.0/24",
  allocated: "1998-09-25",
  checked_at: formatInstant(NOW),
};
const GREYNOISE: GreynoiseAnswer = {
  noise: true,
  riot: false,
  classification: "malicious",
  name: "unknown",
  last_seen: "2026-11-22",
  checked_at: formatInstant(NOW),
};

function hit<Data>(data: Data): LookupOutcome<Data> {
  return { status: "hit", data, durationMs: 1.5 };
}

const MISS = { status: "miss", durationMs: 2 } as const;
const FAILED = {
  status: "failed",
  failure: { reason: "timeout", message: "Cannot ask: no answer" },
  durationMs: 30_000,
} as const;
const SKIPPED = { status: "skipped", reason: "circuit_open", until: null } as const;

function merge(outcomes: SourceOutcomes, row = emptyRow("192.0.2.1", "global")): InventoryRow {
  return mergeOutcomes(row, outcomes, OPTIONS);
}

/** A row that every source answered a year ago, with activity. */
function enrichedRow(): InventoryRow {
  const yearAgo = NOW - 365 * MS_PER_DAY;
  const checked_at = formatInstant(yearAgo);
  const outcomes: SourceOutcomes = {
    maxmind: hit({ ...MAXMIND, asn: null, asn_org: null, checked_at }),
    cymru: hit({ ...CYMRU, checked_at }),
    greynoise: hit({ ...GREYNOISE, checked_at }),
  };
  const options = { now: yearAgo, installed: { cityBuildEpoch: 20, asnBuildEpoch: 30 }, random: () => 0 };
  const activity = { observationCount: 43, firstSeenAt: yearAgo - 5, lastSeenAt: yearAgo - 1, revision: 7 };
  return { ...mergeOutcomes(emptyRow("192.0.2.1", "global"), outcomes, options), ...activity };
}

/** What a source is answerable for in a row: its facts, its stamp and where they were read. */
function factsOf(source: SourceName, row: InventoryRow): unknown {
  switch (source) {
    case "maxmind": {
      const { geoCountry, geoCity, geoLatitude, geoLongitude, cityBuildEpoch, asnBuildEpoch } = row;
      const geography = [geoCountry, geoCity, geoLatitude, geoLongitude];
      return [row.enrichment.maxmind, geography, cityBuildEpoch, asnBuildEpoch];
    }
    case "cymru":
      return row.enrichment.cymru;
    case "greynoise":
      return [row.enrichment.greynoise, row.isScanner, row.scannerAt];
  }
}

Deno.test("emptyRow() is an address that nobody was asked about", () => {
  const row = emptyRow("192.0.2.1", "global");
  assertEquals(row.enrichment, { address: { scope: "global" }, _meta: { version: 1, sources: {} } });
  assertEquals([row.isScanner, row.asnSource, row.observationCount, row.revision], [false, null, 0, 0]);
  for (const source of SOURCE_NAMES) {
    assertEquals(row.attempts[source], { outcome: null, attemptedAt: null, retryAt: null, failures: 0 });
  }
});

Deno.test("mergeOutcomes() stores what each source said, in its columns and in the document", () => {
  const row = merge({ maxmind: hit(MAXMIND), cymru: SKIPPED, greynoise: hit(GREYNOISE) });
  assertEquals(row, {
    ...emptyRow("192.0.2.1", "global"),
    geoCountry: "DE",
    geoCity: "Leipzig",
    geoLatitude: 51.3,
    geoLongitude: 12.4,
    asnNumber: 64_500,
    asnOrg: "Example One",
    asnSource: "maxmind",
    isScanner: true,
    enrichment: {
      maxmind: MAXMIND,
      greynoise: GREYNOISE,
      address: { scope: "global" },
      _meta: {
        version: 1,
        sources: {
          maxmind: { outcome: "hit", checked_at: "2026-11-23T12:00:00.000Z", duration_ms: 1.5 },
          cymru: {
            outcome: "skipped",
            reason: "circuit_open",
            checked_at: "2026-11-23T12:00:00.000Z",
            duration_ms: 0,
          },
          greynoise: { outcome: "hit", checked_at: "2026-11-23T12:00:00.000Z", duration_ms: 1.5 },
        },
      },
    },
    enrichmentAt: NOW,
    scannerAt: NOW,
    attempts: {
      maxmind: { outcome: "hit", attemptedAt: NOW, retryAt: null, failures: 0 },
      cymru: { outcome: "skipped", attemptedAt: null, retryAt: null, failures: 0 },
      greynoise: { outcome: "hit", attemptedAt: NOW, retryAt: null, failures: 0 },
    },
    cityBuildEpoch: 200,
    asnBuildEpoch: 300,
  });
});

Deno.test("mergeOutcomes() takes the ASN from MaxMind, else from Cymru", () => {
  const noAsn = { ...MAXMIND, asn: null, asn_org: null };
  const cases: readonly (readonly [label: string, outcomes: SourceOutcomes, expected: readonly unknown[]])[] =
    [
      ["both", { maxmind: hit(MAXMIND), cymru: hit(CYMRU) }, [64_500, "Example One", "maxmind"]],
      ["MaxMind alone", { maxmind: hit(MAXMIND) }, [64_500, "Example One", "maxmind"]],
      ["MaxMind without a name", { maxmind: hit({ ...MAXMIND, asn_org: null }), cymru: hit(CYMRU) }, [
        64_500,
        null,
        "maxmind",
      ]],
      ["MaxMind without ASN", { maxmind: hit(noAsn), cymru: hit(CYMRU) }, [
        64_501,
        "EXAMPLE-TWO, US",
        "cymru",
      ]],
      ["MaxMind missed", { maxmind: MISS, cymru: hit(CYMRU) }, [64_501, "EXAMPLE-TWO, US", "cymru"]],
      ["MaxMind failed", { maxmind: FAILED, cymru: hit(CYMRU) }, [64_501, "EXAMPLE-TWO, US", "cymru"]],
      ["Cymru alone", { cymru: hit(CYMRU) }, [64_501, "EXAMPLE-TWO, US", "cymru"]],
      ["neither", { maxmind: hit(noAsn), cymru: MISS }, [null, null, null]],
    ];
  for (const [label, outcomes, expected] of cases) {
    const row = merge(outcomes);
    assertEquals([row.asnNumber, row.asnOrg, row.asnSource], expected, label);
  }
});

Deno.test("mergeOutcomes() takes geography from MaxMind alone", () => {
  const row = merge({ maxmind: MISS, cymru: hit(CYMRU) });
  assertEquals([row.geoCountry, row.geoCity, row.geoLatitude, row.geoLongitude], [null, null, null, null]);
  assertStrictEquals(row.enrichment.cymru?.country_code, "US");
});

Deno.test("mergeOutcomes() knows no country that is none", () => {
  for (const country_code of ["XX", "ZZ", "", "D", "DEU", "de", "A1", "  "]) {
    const row = merge({ maxmind: hit({ ...MAXMIND, country_code }) });
    assertStrictEquals(row.geoCountry, null, country_code);
  }
});

Deno.test("mergeOutcomes() keeps GreyNoise's 404 as an answer", () => {
  const row = merge({ greynoise: MISS }, enrichedRow());
  assertStrictEquals(row.isScanner, false);
  assertStrictEquals(row.scannerAt, NOW);
  assertEquals(row.enrichment.greynoise, {
    noise: false,
    riot: false,
    classification: null,
    name: null,
    last_seen: null,
    checked_at: formatInstant(NOW),
  });
});

Deno.test("mergeOutcomes() calls a known service no scanner", () => {
  const row = merge({ greynoise: hit({ ...GREYNOISE, noise: false, riot: true }) });
  assertStrictEquals(row.isScanner, false);
  assertStrictEquals(row.enrichment.greynoise?.riot, true);
});

Deno.test("mergeOutcomes() removes with a miss what MaxMind and Cymru said before", () => {
  const row = merge({ maxmind: MISS, cymru: MISS }, enrichedRow());
  assertEquals([row.enrichment.maxmind, row.enrichment.cymru], [undefined, undefined]);
  assertEquals([row.geoCountry, row.asnNumber, row.asnSource], [null, null, null]);
  assertEquals([row.enrichmentAt, row.cityBuildEpoch, row.asnBuildEpoch], [NOW, 200, 300]);
});

Deno.test("mergeOutcomes() stamps a source that answered and no other", () => {
  const old = enrichedRow();
  const row = merge({ greynoise: hit(GREYNOISE) }, old);
  assertStrictEquals(row.scannerAt, NOW);
  assertStrictEquals(row.enrichmentAt, old.enrichmentAt);
  assertEquals([row.attempts.maxmind, row.attempts.cymru], [old.attempts.maxmind, old.attempts.cymru]);
});

Deno.test("mergeOutcomes() stamps with the instant that the answer names", () => {
  const earlier = NOW - 90_000;
  const checked_at = formatInstant(earlier);
  const row = merge({ cymru: hit({ ...CYMRU, checked_at }), greynoise: hit({ ...GREYNOISE, checked_at }) });
  assertEquals([row.enrichmentAt, row.scannerAt], [earlier, earlier]);
  assertEquals([row.attempts.cymru.attemptedAt, row.attempts.greynoise.attemptedAt], [earlier, earlier]);
  assertStrictEquals(row.enrichment._meta.sources.cymru?.checked_at, checked_at);
});

Deno.test("mergeOutcomes() stamps with the later of MaxMind's and Cymru's answers", () => {
  const earlier = formatInstant(NOW - 90_000);
  for (const [maxmindAt, cymruAt] of [[earlier, CYMRU.checked_at], [MAXMIND.checked_at, earlier]] as const) {
    const maxmind = hit({ ...MAXMIND, checked_at: maxmindAt });
    const row = merge({ maxmind, cymru: hit({ ...CYMRU, checked_at: cymruAt }) });
    assertStrictEquals(row.enrichmentAt, NOW, `${maxmindAt} and ${cymruAt}`);
  }
});

Deno.test("mergeOutcomes() leaves facts, stamps and builds in place when a source fails", () => {
  const old = enrichedRow();
  const row = merge({ maxmind: FAILED, cymru: FAILED, greynoise: FAILED }, old);
  for (const source of SOURCE_NAMES) {
    assertEquals(factsOf(source, row), factsOf(source, old), source);
    assertEquals(row.attempts[source], {
      outcome: "failed",
      attemptedAt: NOW,
      retryAt: NOW + ROW_BACKOFF.baseMs / 2,
      failures: 1,
    });
    assertStrictEquals(row.enrichment._meta.sources[source]?.reason, "timeout");
  }
  assertStrictEquals(row.enrichmentAt, old.enrichmentAt);
});

Deno.test("mergeOutcomes() reads no build from an edition that failed", () => {
  const unreadable = { cityBuildEpoch: null, asnBuildEpoch: 300 };
  const row = mergeOutcomes(enrichedRow(), { maxmind: FAILED }, { ...OPTIONS, installed: unreadable });
  assertEquals([row.cityBuildEpoch, row.asnBuildEpoch], [20, 30]);
});

Deno.test("mergeOutcomes() waits longer after each failure in a row and forgets them with an answer", () => {
  let row = emptyRow("192.0.2.1", "global");
  const waits: number[] = [];
  for (let i = 0; i < 9; i++) {
    row = merge({ cymru: FAILED }, row);
    waits.push((row.attempts.cymru.retryAt! - NOW) / MS_PER_MINUTE);
  }
  assertEquals(waits, [7.5, 15, 30, 60, 120, 240, 480, 720, 720]);
  assertEquals(merge({ cymru: MISS }, row).attempts.cymru, {
    outcome: "miss",
    attemptedAt: NOW,
    retryAt: null,
    failures: 0,
  });
});

Deno.test("mergeOutcomes() takes a skip for no attempt", () => {
  const until = NOW + MS_PER_DAY;
  const skipped = { status: "skipped", reason: "quota_exhausted", until } as const;
  const fresh = merge({ greynoise: skipped });
  assertEquals(fresh.attempts.greynoise, {
    outcome: "skipped",
    attemptedAt: null,
    retryAt: until,
    failures: 0,
  });
  assertEquals(fresh.enrichment._meta.sources.greynoise, {
    outcome: "skipped",
    reason: "quota_exhausted",
    checked_at: "2026-11-23T12:00:00.000Z",
    duration_ms: 0,
    until: "2026-11-24T12:00:00.000Z",
  });
  const answered = enrichedRow();
  assertEquals(merge({ greynoise: skipped }, answered).attempts.greynoise, answered.attempts.greynoise);
  const failed = merge({ greynoise: FAILED });
  assertEquals(merge({ greynoise: skipped }, failed).attempts.greynoise, failed.attempts.greynoise);
  assertEquals(merge({ greynoise: SKIPPED }, fresh).attempts.greynoise.retryAt, null);
});

Deno.test("mergeOutcomes() leaves its inputs as they are", () => {
  const old = enrichedRow();
  const copy = structuredClone(old);
  const row = merge({ maxmind: hit(MAXMIND), cymru: MISS, greynoise: MISS }, old);
  assertEquals(old, copy);
  assertNotEquals(row, old);
});

const anyText = fc.option(fc.string({ maxLength: 5 }));
const checkedAt = fc.integer({ min: NOW - 100 * MS_PER_DAY, max: NOW }).map((ms) => formatInstant(ms));
const durationMs = fc.double({ min: 0, max: 60_000, noNaN: true });

function anyOutcome<Data>(data: fc.Arbitrary<Data>): fc.Arbitrary<LookupOutcome<Data> | undefined> {
  return fc.oneof(
    fc.constant(undefined),
    fc.record({ status: fc.constant("hit" as const), data, durationMs }),
    fc.record({ status: fc.constant("miss" as const), durationMs }),
    fc.constant(FAILED),
    fc.record({
      status: fc.constant("skipped" as const),
      reason: fc.constantFrom("not_needed" as const, "quota_exhausted" as const, "no_edition" as const),
      until: fc.option(fc.integer({ min: NOW, max: NOW + MS_PER_DAY })),
    }),
  );
}

const anyOutcomes: fc.Arbitrary<SourceOutcomes> = fc.record({
  maxmind: anyOutcome(fc.record({
    country_code: fc.option(fc.constantFrom("DE", "XX", "ZZ", "US", "", "xx")),
    country_name: anyText,
    city: anyText,
    latitude: fc.option(fc.double({ min: -90, max: 90, noNaN: true })),
    longitude: fc.option(fc.double({ min: -180, max: 180, noNaN: true })),
    accuracy_radius: fc.option(fc.nat()),
    asn: fc.option(fc.integer({ min: 1, max: 0xffffffff })),
    asn_org: anyText,
    database_build: fc.constant("2026-11-20T00:00:00.000Z"),
    checked_at: checkedAt,
  })),
  cymru: anyOutcome(fc.record({
    asn: fc.integer({ min: 1, max: 0xffffffff }),
    asns: fc.array(fc.integer({ min: 1, max: 0xffffffff }), { maxLength: 3 }),
    asn_org: anyText,
    country_code: anyText,
    registry: anyText,
    prefix: anyText,
    allocated: anyText,
    checked_at: checkedAt,
  })),
  greynoise: anyOutcome(fc.record({
    noise: fc.boolean(),
    riot: fc.boolean(),
    classification: anyText,
    name: anyText,
    last_seen: anyText,
    checked_at: checkedAt,
  })),
});

/** Rows as they come about: by merging, with any activity and any time between. */
const anyRow: fc.Arbitrary<InventoryRow> = fc.record({
  history: fc.array(fc.record({ outcomes: anyOutcomes, ageMs: fc.nat({ max: 200 * MS_PER_DAY }) }), {
    maxLength: 3,
  }),
  activity: fc.record({
    observationCount: fc.nat(),
    firstSeenAt: fc.option(fc.nat()),
    lastSeenAt: fc.option(fc.nat()),
    revision: fc.nat(),
  }),
}).map(({ history, activity }) => {
  let row: InventoryRow = { ...emptyRow("192.0.2.1", "global"), ...activity };
  for (const { outcomes, ageMs } of history) {
    const installed = { cityBuildEpoch: ageMs, asnBuildEpoch: null };
    row = mergeOutcomes(row, outcomes, { ...OPTIONS, now: NOW - ageMs, installed });
  }
  return row;
});

function hasAnswered(outcomes: SourceOutcomes, source: SourceName): boolean {
  const status = outcomes[source]?.status;
  return status === "hit" || status === "miss";
}

Deno.test("mergeOutcomes() changes nothing of a source that did not answer", () => {
  fc.assert(fc.property(anyRow, anyOutcomes, (old, outcomes) => {
    const row = merge(outcomes, old);
    for (const source of SOURCE_NAMES) {
      if (!hasAnswered(outcomes, source)) assertEquals(factsOf(source, row), factsOf(source, old), source);
      if (outcomes[source] === undefined) assertEquals(row.attempts[source], old.attempts[source]);
    }
    if (!hasAnswered(outcomes, "maxmind") && !hasAnswered(outcomes, "cymru")) {
      assertStrictEquals(row.enrichmentAt, old.enrichmentAt);
    }
  }));
});

Deno.test("mergeOutcomes() stores what a stamp promises", () => {
  fc.assert(fc.property(anyRow, anyOutcomes, (old, outcomes) => {
    const { enrichment, attempts, ...columns } = merge(outcomes, old);
    for (const source of SOURCE_NAMES) {
      const outcome = outcomes[source];
      if (outcome?.status !== "hit") continue;
      assertEquals<unknown>(enrichment[source], outcome.data);
      assertStrictEquals(attempts[source].attemptedAt, Date.parse(outcome.data.checked_at));
    }
    if (hasAnswered(outcomes, "greynoise")) {
      assertStrictEquals(columns.scannerAt, attempts.greynoise.attemptedAt);
    }
  }));
});

Deno.test("mergeOutcomes() never touches activity, address or revision", () => {
  fc.assert(fc.property(anyRow, anyOutcomes, (old, outcomes) => {
    const row = merge(outcomes, old);
    for (const key of ["ipAddress", "observationCount", "firstSeenAt", "lastSeenAt", "revision"] as const) {
      assertStrictEquals(row[key], old[key], key);
    }
    assertEquals(row.enrichment.address, old.enrichment.address);
  }));
});

Deno.test("mergeOutcomes() keeps the columns in step with the document", () => {
  fc.assert(fc.property(anyRow, anyOutcomes, (old, outcomes) => {
    const row = merge(outcomes, old);
    const { maxmind, cymru, greynoise } = row.enrichment;
    const source = maxmind?.asn != null ? "maxmind" : cymru !== undefined ? "cymru" : null;
    assertStrictEquals(row.asnSource, source);
    assertStrictEquals(row.asnNumber, source === null ? null : row.enrichment[source]!.asn);
    assertStrictEquals(row.asnOrg, source === null ? null : row.enrichment[source]!.asn_org);
    assertStrictEquals(row.geoCity, maxmind?.city ?? null);
    assert(row.geoCountry === null || ["DE", "US"].includes(row.geoCountry));
    assertStrictEquals(row.isScanner, greynoise?.noise ?? false);
  }));
});

Deno.test("mergeOutcomes() is idempotent: the same answers again change nothing", () => {
  fc.assert(fc.property(anyRow, anyOutcomes, (old, outcomes) => {
    const answers = Object.fromEntries(
      SOURCE_NAMES.filter((source) => outcomes[source]?.status !== "failed").map((
        source,
      ) => [source, outcomes[source]]),
    ) as SourceOutcomes;
    const once = merge(answers, old);
    assertEquals(merge(answers, once), once);
  }));
  const row = enrichedRow();
  assertEquals(merge({}, row), row);
});

Deno.test("mergeOutcomes() gives the same row whether the sources come together or one by one", () => {
  fc.assert(fc.property(anyRow, anyOutcomes, (old, outcomes) => {
    const { maxmind, cymru, greynoise } = outcomes;
    const together = merge(outcomes, old);
    const apart = merge({ maxmind }, merge({ cymru }, merge({ greynoise }, old)));
    assertEquals({ ...apart, enrichmentAt: null }, { ...together, enrichmentAt: null });
  }));
});
