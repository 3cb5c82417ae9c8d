import { assertEquals } from "@std/assert";
import { MS_PER_DAY } from "./clock.ts";
import { type IdlePlan, planIdle } from "./idle_plan.ts";
import { SOURCE_NAMES } from "./outcome.ts";
import type { PlanOptions } from "./plan.ts";
import type { AttemptState, RowState } from "./row_state.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const OPTIONS: PlanOptions = {
  now: NOW,
  installed: { cityBuildEpoch: 200, asnBuildEpoch: 300 },
  selected: new Set(SOURCE_NAMES),
  refresh: false,
};
const OFFLINE: PlanOptions = { ...OPTIONS, selected: new Set(["maxmind"]) };

const HIT: AttemptState = { outcome: "hit", attemptedAt: NOW - MS_PER_DAY, retryAt: null };
const SKIPPED: AttemptState = { outcome: "skipped", attemptedAt: null, retryAt: null };
const NEVER: AttemptState = { outcome: null, attemptedAt: null, retryAt: null };
const FAILED: AttemptState = { outcome: "failed", attemptedAt: NOW - 1, retryAt: NOW + 1 };

/** MaxMind named the ASN, and GreyNoise answered yesterday. */
const FRESH: RowState = {
  asnSource: "maxmind",
  enrichmentAt: NOW - MS_PER_DAY,
  scannerAt: NOW - MS_PER_DAY,
  cityBuildEpoch: 200,
  asnBuildEpoch: 300,
  attempts: { maxmind: HIT, cymru: SKIPPED, greynoise: HIT },
};
const BY_CYMRU: RowState = { ...FRESH, asnSource: "cymru", attempts: { ...FRESH.attempts, cymru: HIT } };

function withAttempts(attempts: Partial<RowState["attempts"]>, state = FRESH): RowState {
  return { ...state, attempts: { ...state.attempts, ...attempts } };
}

Deno.test("planIdle() tells why sources are left alone about a row that stays as it is", () => {
  const cases: readonly (readonly [label: string, actual: IdlePlan | null, expected: IdlePlan | null])[] = [
    ["all fresh", planIdle({ family: 4 }, BY_CYMRU, OPTIONS), {}],
    ["the ASN is MaxMind's", planIdle({ family: 4 }, FRESH, OPTIONS), { cymru: "not_needed" }],
    ["IPv6", planIdle({ family: 6 }, BY_CYMRU, OPTIONS), { greynoise: "not_applicable" }],
    [
      "MaxMind alone",
      planIdle({ family: 4 }, BY_CYMRU, OFFLINE),
      { cymru: "not_selected", greynoise: "not_selected" },
    ],
    ["nothing installed", planIdle({ family: 4 }, BY_CYMRU, { ...OPTIONS, installed: null }), {
      maxmind: "no_edition",
    }],
    ["another build", planIdle({ family: 4 }, { ...FRESH, asnBuildEpoch: 299 }, OPTIONS), null],
    ["refresh", planIdle({ family: 4 }, FRESH, { ...OPTIONS, refresh: true }), null],
    [
      "Cymru of long ago",
      planIdle({ family: 4 }, withAttempts({ cymru: { ...HIT, attemptedAt: 0 } }, BY_CYMRU), OPTIONS),
      null,
    ],
    [
      "GreyNoise of last week",
      planIdle({ family: 4 }, { ...FRESH, scannerAt: NOW - 8 * MS_PER_DAY }, OPTIONS),
      null,
    ],
    ["held back", planIdle({ family: 4 }, withAttempts({ greynoise: FAILED }), OPTIONS), null],
    ["MaxMind held back", planIdle({ family: 4 }, withAttempts({ maxmind: FAILED }), OPTIONS), null],
    [
      "due again",
      planIdle({ family: 4 }, withAttempts({ greynoise: { ...FAILED, retryAt: NOW } }), OPTIONS),
      null,
    ],
    ["has to say why", planIdle({ family: 4 }, withAttempts({ cymru: NEVER }), OPTIONS), null],
  ];
  for (const [label, actual, expected] of cases) assertEquals(actual, expected, label);
});
