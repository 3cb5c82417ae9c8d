import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import {
  CIRCUIT_OPTIONS,
  circuitPhase,
  type CircuitState,
  CLOSED_CIRCUIT,
  dropTrial,
  nextTrialAt,
  recordFailure,
  recordSuccess,
  takeTrial,
} from "./circuit.ts";
import { MS_PER_HOUR } from "./clock.ts";

const OPTIONS = { threshold: 3, pauseMs: 1_000, maxPauseMs: 5_000 };

function fail(state: CircuitState, now: number): CircuitState {
  return recordFailure(state, { ...OPTIONS, now, reason: "timeout" });
}

function failTimes(times: number, now: number): CircuitState {
  let state = CLOSED_CIRCUIT;
  for (let i = 0; i < times; i++) state = fail(state, now);
  return state;
}

Deno.test("recordFailure() opens at the threshold, not before", () => {
  assertStrictEquals(circuitPhase(CLOSED_CIRCUIT, 0), "closed");
  const almost = failTimes(2, 100);
  assertEquals(almost, { ...CLOSED_CIRCUIT, failures: 2, reason: "timeout" });
  assertStrictEquals(circuitPhase(almost, 100), "closed");
  const open = fail(almost, 100);
  assertEquals(open, {
    failures: 3,
    trips: 1,
    openedAt: 100,
    openUntil: 1_100,
    trialUntil: null,
    reason: "timeout",
  });
});

Deno.test("circuitPhase() lets a trial through from the instant the pause ends", () => {
  const open = failTimes(3, 100);
  assertStrictEquals(circuitPhase(open, 100), "open");
  assertStrictEquals(circuitPhase(open, 1_099), "open");
  assertStrictEquals(circuitPhase(open, 1_100), "half_open");
  assertStrictEquals(circuitPhase(open, 1_000_000), "half_open");
});

Deno.test("recordFailure() opens again after one failed trial, twice as long each time, up to the limit", () => {
  let state = failTimes(3, 0);
  const pauses: number[] = [];
  for (let trial = 0; trial < 6; trial++) {
    const openedAt = state.openUntil!;
    state = fail(state, openedAt);
    assertStrictEquals(state.openedAt, openedAt);
    pauses.push(state.openUntil! - openedAt);
  }
  assertEquals(pauses, [2_000, 4_000, 5_000, 5_000, 5_000, 5_000]);
});

Deno.test("takeTrial() gives the trial to one caller until it is past or reported", () => {
  const open = failTimes(3, 0);
  const trial = { trialMs: 60 };
  assertStrictEquals(takeTrial(open, { ...trial, now: 999 }), open);
  assertStrictEquals(takeTrial(CLOSED_CIRCUIT, { ...trial, now: 999 }), CLOSED_CIRCUIT);
  const taken = takeTrial(open, { ...trial, now: 1_000 });
  assertEquals(taken, { ...open, trialUntil: 1_060 });
  assertStrictEquals(takeTrial(taken, { ...trial, now: 1_059 }), taken);
  assertEquals([circuitPhase(taken, 1_059), nextTrialAt(taken)], ["open", 1_060]);
  assertEquals(takeTrial(taken, { ...trial, now: 1_060 }).trialUntil, 1_120);
  assertEquals(recordSuccess(taken), CLOSED_CIRCUIT);
  const failed = fail(taken, 1_010);
  assertEquals([failed.openUntil, failed.trialUntil, failed.trips], [3_010, null, 2]);
});

Deno.test("dropTrial() gives back one's own trial alone", () => {
  const taken = takeTrial(failTimes(3, 0), { now: 1_000, trialMs: 60 });
  assertStrictEquals(dropTrial(taken, 1_059), taken);
  assertStrictEquals(circuitPhase(dropTrial(taken, 1_060), 1_001), "half_open");
});

Deno.test("recordFailure() does not lengthen the pause for requests that were under way", () => {
  const open = failTimes(3, 100);
  let state = open;
  for (let i = 0; i < 50; i++) state = fail(state, 200 + i);
  assertEquals(state, { ...open, failures: 53 });
});

Deno.test("recordSuccess() forgets everything", () => {
  const closed = recordSuccess(failTimes(4, 0));
  assertEquals(closed, CLOSED_CIRCUIT);
  assertStrictEquals(recordSuccess(closed), closed);
  const again = fail(fail(closed, 10), 10);
  assertStrictEquals(circuitPhase(again, 10), "closed");
});

Deno.test("recordFailure() opens at once when the threshold is one", () => {
  const state = recordFailure(CLOSED_CIRCUIT, { ...OPTIONS, threshold: 1, now: 5, reason: "unauthorized" });
  assertEquals(state, {
    failures: 1,
    trips: 1,
    openedAt: 5,
    openUntil: 1_005,
    trialUntil: null,
    reason: "unauthorized",
  });
});

Deno.test("recordFailure() keeps every pause within its bounds for any history", () => {
  const events = fc.array(fc.record({ waitMs: fc.nat({ max: 4_000 }), ok: fc.boolean() }), { maxLength: 60 });
  fc.assert(fc.property(events, (history) => {
    let state = CLOSED_CIRCUIT;
    let now = 0;
    for (const { waitMs, ok } of history) {
      now += waitMs;
      const before = circuitPhase(state, now);
      const next = ok ? recordSuccess(state) : fail(state, now);
      if (ok) assertStrictEquals(circuitPhase(next, now), "closed");
      if (!ok && before === "half_open") assertStrictEquals(circuitPhase(next, now), "open");
      if (!ok && before === "open") assertStrictEquals(next.openUntil, state.openUntil);
      if (next.openUntil !== null) {
        const pause = next.openUntil - next.openedAt!;
        assert(pause >= OPTIONS.pauseMs && pause <= OPTIONS.maxPauseMs);
      }
      state = next;
    }
  }));
});

Deno.test("CIRCUIT_OPTIONS stay finite after years of failures", () => {
  for (const options of Object.values(CIRCUIT_OPTIONS)) {
    let state: CircuitState = { ...CLOSED_CIRCUIT, failures: options.threshold, trips: 5_000, openUntil: 0 };
    state = recordFailure(state, { ...options, now: 0, reason: "timeout" });
    assertStrictEquals(state.openUntil, MS_PER_HOUR);
  }
});
