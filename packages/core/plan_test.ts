import { assertEquals } from "@std/assert";
import { parseAddress } from "./address.ts";
import { MS_PER_DAY } from "./clock.ts";
import type { InventoryRow, SourceAttempt } from "./inventory.ts";
import { emptyRow } from "./merge.ts";
import { SOURCE_NAMES, type SourceName } from "./outcome.ts";
import { planCymru, planGreynoise, planMaxmind, type PlanOptions, type SourcePlan } from "./plan.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const NEVER: SourceAttempt = { outcome: null, attemptedAt: null, retryAt: null, failures: 0 };
const FAILED: SourceAttempt = { outcome: "failed", attemptedAt: NOW - 1, retryAt: NOW + 1, failures: 1 };
const IPV4 = parseAddress("192.0.2.1")!;
const IPV6 = parseAddress("2001:db8::1")!;

const OPTIONS: PlanOptions = {
  now: NOW,
  installed: { cityBuildEpoch: 200, asnBuildEpoch: 300 },
  selected: new Set(SOURCE_NAMES),
  refresh: false,
};

/** A row read from the installed builds with an attempt at one source, `ageDays` ago. */
function rowWith(source: SourceName, outcome: "hit" | "miss", ageDays: number): InventoryRow {
  return withAttempt(source, { ...NEVER, outcome, attemptedAt: NOW - ageDays * MS_PER_DAY });
}

function withAttempt(source: SourceName, attempt: SourceAttempt): InventoryRow {
  const empty = emptyRow("192.0.2.1", "global");
  return {
    ...empty,
    cityBuildEpoch: 200,
    asnBuildEpoch: 300,
    attempts: { ...empty.attempts, [source]: attempt },
  };
}

function without(source: SourceName): PlanOptions {
  return { ...OPTIONS, selected: new Set(SOURCE_NAMES.filter((name) => name !== source)) };
}

type PlanCase = readonly [label: string, actual: SourcePlan, expected: SourcePlan];

function assertPlans(cases: readonly PlanCase[]): void {
  for (const [label, actual, expected] of cases) assertEquals(actual, expected, label);
}

Deno.test("planMaxmind() asks where the row is not from the installed builds", () => {
  const old = { ...rowWith("maxmind", "hit", 0), cityBuildEpoch: 199 };
  const refresh = { ...OPTIONS, refresh: true };
  assertPlans([
    ["unknown address", planMaxmind(null, OPTIONS), "ask"],
    ["row of an import", planMaxmind(emptyRow("192.0.2.1", "global"), OPTIONS), "ask"],
    ["read from these builds", planMaxmind(rowWith("maxmind", "hit", 400), OPTIONS), "fresh"],
    ["not in these builds", planMaxmind(rowWith("maxmind", "miss", 400), OPTIONS), "fresh"],
    ["read from another build", planMaxmind(old, OPTIONS), "ask"],
    ["failed lately", planMaxmind(withAttempt("maxmind", FAILED), OPTIONS), "backing_off"],
    ["nothing installed", planMaxmind(null, { ...OPTIONS, installed: null }), "no_edition"],
    ["nothing installed, refresh", planMaxmind(old, { ...refresh, installed: null }), "no_edition"],
    ["not selected", planMaxmind(null, without("maxmind")), "not_selected"],
    ["refresh of a fresh one", planMaxmind(rowWith("maxmind", "hit", 0), refresh), "ask"],
    ["refresh of a failed one", planMaxmind(withAttempt("maxmind", FAILED), refresh), "ask"],
    ["refresh, not selected", planMaxmind(null, { ...without("maxmind"), refresh: true }), "not_selected"],
  ]);
});

Deno.test("planCymru() asks only where MaxMind has no ASN", () => {
  const refresh = { ...OPTIONS, refresh: true };
  assertPlans([
    ["MaxMind has it", planCymru(true, null, OPTIONS), "not_needed"],
    ["MaxMind has it, refresh", planCymru(true, null, refresh), "not_needed"],
    ["unknown address", planCymru(false, null, OPTIONS), "ask"],
    ["never asked", planCymru(false, withAttempt("cymru", NEVER), OPTIONS), "ask"],
    ["hit 90 days ago", planCymru(false, rowWith("cymru", "hit", 90), OPTIONS), "fresh"],
    ["miss 90 days ago", planCymru(false, rowWith("cymru", "miss", 90), OPTIONS), "fresh"],
    ["hit 91 days ago", planCymru(false, rowWith("cymru", "hit", 91), OPTIONS), "ask"],
    ["miss 91 days ago", planCymru(false, rowWith("cymru", "miss", 91), OPTIONS), "ask"],
    ["failed lately", planCymru(false, withAttempt("cymru", FAILED), OPTIONS), "backing_off"],
    ["refresh of a fresh one", planCymru(false, rowWith("cymru", "hit", 0), refresh), "ask"],
    ["refresh of a failed one", planCymru(false, withAttempt("cymru", FAILED), refresh), "ask"],
    ["not selected", planCymru(false, null, without("cymru")), "not_selected"],
    ["no MaxMind at all", planCymru(false, null, { ...OPTIONS, installed: null }), "ask"],
  ]);
});

Deno.test("planGreynoise() asks about IPv4 only, whatever the other sources said", () => {
  const refresh = { ...OPTIONS, refresh: true };
  assertPlans([
    ["IPv6", planGreynoise(IPV6, null, OPTIONS), "not_applicable"],
    ["IPv6, refresh", planGreynoise(IPV6, null, refresh), "not_applicable"],
    ["unknown address", planGreynoise(IPV4, null, OPTIONS), "ask"],
    ["never asked", planGreynoise(IPV4, withAttempt("greynoise", NEVER), OPTIONS), "ask"],
    ["hit 7 days ago", planGreynoise(IPV4, rowWith("greynoise", "hit", 7), OPTIONS), "fresh"],
    ["miss 7 days ago", planGreynoise(IPV4, rowWith("greynoise", "miss", 7), OPTIONS), "fresh"],
    ["hit 8 days ago", planGreynoise(IPV4, rowWith("greynoise", "hit", 8), OPTIONS), "ask"],
    ["miss 8 days ago", planGreynoise(IPV4, rowWith("greynoise", "miss", 8), OPTIONS), "ask"],
    ["failed lately", planGreynoise(IPV4, withAttempt("greynoise", FAILED), OPTIONS), "backing_off"],
    ["refresh of a fresh one", planGreynoise(IPV4, rowWith("greynoise", "hit", 0), refresh), "ask"],
    ["not selected", planGreynoise(IPV4, null, without("greynoise")), "not_selected"],
  ]);
});

Deno.test("the plans age each source by its own stamp when another one answered lately", () => {
  const row: InventoryRow = {
    ...emptyRow("192.0.2.1", "global"),
    enrichmentAt: NOW,
    scannerAt: NOW,
    attempts: {
      maxmind: { ...NEVER, outcome: "hit", attemptedAt: NOW },
      cymru: { ...NEVER, outcome: "hit", attemptedAt: NOW - 200 * MS_PER_DAY },
      greynoise: { ...NEVER, outcome: "hit", attemptedAt: NOW },
    },
  };
  assertPlans([
    ["Cymru of 200 days ago", planCymru(false, row, OPTIONS), "ask"],
    ["GreyNoise of now", planGreynoise(IPV4, row, OPTIONS), "fresh"],
  ]);
});
