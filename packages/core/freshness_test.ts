import { assertEquals } from "@std/assert";
import { MS_PER_DAY } from "./clock.ts";
import { FRESH_DAYS, type Freshness, isStale, maxmindFreshness, remoteFreshness } from "./freshness.ts";
import type { InventoryRow, SourceAttempt } from "./inventory.ts";
import { emptyRow } from "./merge.ts";
import type { InstalledEditions } from "./source.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const NEVER: SourceAttempt = { outcome: null, attemptedAt: null, retryAt: null, failures: 0 };

function answered(outcome: "hit" | "miss", attemptedAt: number): SourceAttempt {
  return { outcome, attemptedAt, retryAt: null, failures: 0 };
}

function failed(retryAt: number | null): SourceAttempt {
  return { outcome: "failed", attemptedAt: NOW - 1000, retryAt, failures: 3 };
}

Deno.test("isStale() keeps an answer to the last millisecond of its age", () => {
  for (const maxAgeDays of [FRESH_DAYS.greynoise, FRESH_DAYS.cymru]) {
    const maxAgeMs = maxAgeDays * MS_PER_DAY;
    assertEquals(isStale(null, { maxAgeDays, now: NOW }), true, "never asked");
    assertEquals(isStale(NOW, { maxAgeDays, now: NOW }), false, "asked now");
    assertEquals(isStale(NOW - maxAgeMs + 1, { maxAgeDays, now: NOW }), false, "a moment younger");
    assertEquals(isStale(NOW - maxAgeMs, { maxAgeDays, now: NOW }), false, "exactly so old");
    assertEquals(isStale(NOW - maxAgeMs - 1, { maxAgeDays, now: NOW }), true, "a moment older");
  }
});

Deno.test("FRESH_DAYS are the runbook's ages", () => {
  assertEquals(FRESH_DAYS, { cymru: 90, greynoise: 7 });
});

Deno.test("remoteFreshness() tells fresh, stale and backing off apart", () => {
  const week = 7 * MS_PER_DAY;
  const cases: readonly (readonly [label: string, attempt: SourceAttempt, expected: Freshness])[] = [
    ["never asked", NEVER, "stale"],
    ["hit a week ago", answered("hit", NOW - week), "fresh"],
    ["hit more than a week ago", answered("hit", NOW - week - 1), "stale"],
    ["miss a week ago", answered("miss", NOW - week), "fresh"],
    ["miss more than a week ago", answered("miss", NOW - week - 1), "stale"],
    ["skipped", { ...NEVER, outcome: "skipped" }, "stale"],
    ["skipped until later", { ...NEVER, outcome: "skipped", retryAt: NOW + 1 }, "stale"],
    ["failed, next attempt later", failed(NOW + 1), "backing_off"],
    ["failed, next attempt now", failed(NOW), "stale"],
    ["failed, next attempt past", failed(NOW - 1), "stale"],
    ["failed, no next attempt named", failed(null), "stale"],
  ];
  for (const [label, attempt, expected] of cases) {
    const empty = emptyRow("192.0.2.1", "global");
    const row = { ...empty, attempts: { ...empty.attempts, greynoise: attempt } };
    assertEquals(remoteFreshness("greynoise", row, NOW), expected, label);
  }
});

Deno.test("remoteFreshness() goes by the row's public stamp where that is older", () => {
  const empty = emptyRow("192.0.2.1", "global");
  const old = NOW - 91 * MS_PER_DAY;
  const cases:
    readonly (readonly [label: string, row: InventoryRow, cymru: Freshness, greynoise: Freshness])[] = [
      [
        "set back",
        {
          ...empty,
          enrichmentAt: old,
          scannerAt: old,
          attempts: { ...empty.attempts, cymru: answered("hit", NOW), greynoise: answered("miss", NOW) },
        },
        "stale",
        "stale",
      ],
      [
        "set forward",
        {
          ...empty,
          enrichmentAt: NOW,
          scannerAt: NOW,
          attempts: { ...empty.attempts, cymru: answered("hit", old), greynoise: answered("hit", old) },
        },
        "stale",
        "stale",
      ],
      ["stamped by others", { ...empty, enrichmentAt: NOW, scannerAt: NOW }, "stale", "fresh"],
      [
        "fresh",
        {
          ...empty,
          enrichmentAt: NOW,
          scannerAt: NOW,
          attempts: {
            ...empty.attempts,
            cymru: answered("miss", NOW - 1),
            greynoise: answered("hit", NOW - 1),
          },
        },
        "fresh",
        "fresh",
      ],
    ];
  for (const [label, row, cymru, greynoise] of cases) {
    assertEquals(remoteFreshness("cymru", row, NOW), cymru, `${label}: Cymru`);
    assertEquals(remoteFreshness("greynoise", row, NOW), greynoise, `${label}: GreyNoise`);
  }
});

Deno.test("maxmindFreshness() is fresh while the row was read from the installed builds", () => {
  const installed: InstalledEditions = { cityBuildEpoch: 200, asnBuildEpoch: 300 };
  const longAgo = NOW - 1000 * MS_PER_DAY;
  const cases: readonly (readonly [
    label: string,
    row: Partial<InventoryRow> & { readonly maxmind: SourceAttempt },
    expected: Freshness,
  ])[] = [
    ["never asked", { maxmind: NEVER }, "stale"],
    [
      "hit from these builds",
      { cityBuildEpoch: 200, asnBuildEpoch: 300, maxmind: answered("hit", longAgo) },
      "fresh",
    ],
    [
      "miss in these builds",
      { cityBuildEpoch: 200, asnBuildEpoch: 300, maxmind: answered("miss", longAgo) },
      "fresh",
    ],
    ["older City", { cityBuildEpoch: 199, asnBuildEpoch: 300, maxmind: answered("hit", NOW) }, "stale"],
    ["older ASN", { cityBuildEpoch: 200, asnBuildEpoch: 299, maxmind: answered("hit", NOW) }, "stale"],
    ["newer build, rolled back since", {
      cityBuildEpoch: 201,
      asnBuildEpoch: 300,
      maxmind: answered("hit", NOW),
    }, "stale"],
    ["ASN added since", { cityBuildEpoch: 200, asnBuildEpoch: null, maxmind: answered("hit", NOW) }, "stale"],
    [
      "skipped",
      { cityBuildEpoch: 200, asnBuildEpoch: 300, maxmind: { ...NEVER, outcome: "skipped" } },
      "stale",
    ],
    [
      "failed on these builds",
      { cityBuildEpoch: 200, asnBuildEpoch: 300, maxmind: failed(NOW + 1) },
      "backing_off",
    ],
    ["failed, due again", { cityBuildEpoch: 200, asnBuildEpoch: 300, maxmind: failed(NOW) }, "stale"],
    ["failed, never read from these builds", { maxmind: failed(NOW + 1) }, "stale"],
  ];
  for (const [label, { maxmind, ...fields }, expected] of cases) {
    const empty = emptyRow("192.0.2.1", "global");
    const row = { ...empty, ...fields, attempts: { ...empty.attempts, maxmind } };
    assertEquals(maxmindFreshness(row, installed, NOW), expected, label);
  }
});

Deno.test("maxmindFreshness() is fresh with a single edition too", () => {
  const empty = emptyRow("192.0.2.1", "global");
  const row = {
    ...empty,
    asnBuildEpoch: 300,
    attempts: { ...empty.attempts, maxmind: answered("hit", NOW) },
  };
  assertEquals(maxmindFreshness(row, { cityBuildEpoch: null, asnBuildEpoch: 300 }, NOW), "fresh");
  assertEquals(maxmindFreshness(row, { cityBuildEpoch: 200, asnBuildEpoch: 300 }, NOW), "stale");
});
