import { assertEquals } from "@std/assert";
import {
  type AlertKind,
  type AlertObservation,
  type AlertState,
  isOutdated,
  planAlert,
  recordObservation,
  recordTelling,
} from "./alert.ts";
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from "./clock.ts";
import type { Grade } from "./grade.ts";

const NOON = Date.UTC(2026, 10, 23, 12);

function observe(grade: Grade, at: number): AlertObservation {
  return { key: "quota", grade, title: "t", message: "m", fix: null, at };
}

/** Walks through observations; every planned alert is sent where `works`. */
function walk(steps: readonly (readonly [grade: Grade, at: number, works?: boolean])[]) {
  let state: AlertState | null = null;
  const told: (AlertKind | null)[] = [];
  for (const [grade, at, works = true] of steps) {
    state = recordObservation(state, observe(grade, at));
    const kind = planAlert(state, at);
    told.push(kind);
    if (kind !== null && works) state = recordTelling(state, state.grade, at);
  }
  return { told, state: state! };
}

Deno.test("planAlert() tells each change once, reminds after a day and tells of recovery", () => {
  const cases: readonly [label: string, steps: Parameters<typeof walk>[0], told: (AlertKind | null)[]][] = [
    ["nothing is wrong", [["ok", 0], ["info", 1], ["ok", 2]], [null, null, null]],
    ["it gets worse and better", [["warning", 0], ["critical", 1], ["critical", 2], ["warning", 3], [
      "ok",
      4,
    ]], [
      "fire",
      "fire",
      null,
      "fire",
      "recover",
    ]],
    ["info is ok", [["critical", 0], ["info", 1], ["ok", 2]], ["fire", "recover", null]],
    ["not knowing is an alert", [["unknown", 0], ["unknown", 1], ["ok", 2]], ["fire", null, "recover"]],
    ["flapping", [["critical", 0], ["ok", 1], ["critical", 2], ["ok", 3]], [
      "fire",
      "recover",
      "fire",
      "recover",
    ]],
    ["the notifier fails twice", [["critical", 0, false], ["critical", 1, false], ["critical", 2], [
      "critical",
      3,
    ]], [
      "fire",
      "fire",
      "fire",
      null,
    ]],
    ["it was mended before anybody heard", [["critical", 0, false], ["ok", 1]], ["fire", null]],
    ["recovery can't be told at first", [["critical", 0], ["ok", 1, false], ["ok", 2], ["ok", 3]], [
      "fire",
      "recover",
      "recover",
      null,
    ]],
    ["it is back before recovery was told", [["critical", 0], ["ok", 1, false], ["critical", 2]], [
      "fire",
      "recover",
      null,
    ]],
  ];
  for (const [label, steps, told] of cases) {
    const minutes = steps.map(([grade, at, works]) => [grade, NOON + at * MS_PER_MINUTE, works] as const);
    assertEquals(walk(minutes).told, told, label);
  }
});

Deno.test("planAlert() reminds once a day of what is still bad, also when the check comes a little early", () => {
  const daily = [0, 1, 2, 3].map((day) => ["critical", NOON + day * (MS_PER_DAY - 5_000)] as const);
  assertEquals(walk(daily).told, ["fire", "remind", "remind", "remind"]);
  const fourHourly = Array.from({ length: 13 }, (_, n) => ["critical", NOON + n * 4 * MS_PER_HOUR] as const);
  assertEquals(walk(fourHourly).told.map((kind, n) => kind === null ? null : n).filter((n) => n !== null), [
    0,
    6,
    12,
  ]);
  const well = [0, 1, 2].map((day) => ["ok", NOON + day * MS_PER_DAY] as const);
  assertEquals(walk(well).told, [null, null, null]);
});

Deno.test("planAlert() reminds also after the clock was set back by years", () => {
  const { state } = walk([["critical", NOON + 1_000 * MS_PER_DAY]]);
  assertEquals(planAlert(recordObservation(state, observe("critical", NOON)), NOON), "remind");
});

Deno.test("planAlert() tells how things are when nobody knows what people heard", () => {
  const { state } = walk([["critical", NOON, false]]);
  assertEquals(planAlert(recordObservation(state, observe("ok", NOON + 1)), NOON + 1, true), "recover");
  const { state: told } = walk([["critical", NOON]]);
  assertEquals(planAlert(recordObservation(told, observe("critical", NOON + 1)), NOON + 1, true), "fire");
});

Deno.test("recordObservation() keeps since when a grade is seen, told or not", () => {
  const { state } = walk([["critical", NOON, false], ["critical", NOON + 9, false], ["critical", NOON + 10]]);
  assertEquals([state.since, state.toldAt], [NOON, NOON + 10]);
  assertEquals(recordObservation(state, observe("ok", NOON + 20)).since, NOON + 20);
});

Deno.test("isOutdated() leaves out what is a little older than what is known, and nothing else", () => {
  const { state } = walk([["critical", NOON]]);
  assertEquals(isOutdated(null, { at: NOON }), false);
  assertEquals(isOutdated(state, { at: NOON }), false);
  assertEquals(isOutdated(state, { at: NOON - 1 }), true);
  assertEquals(isOutdated(state, { at: NOON - 10 * MS_PER_MINUTE }), true);
  assertEquals(isOutdated(state, { at: NOON - 10 * MS_PER_MINUTE - 1 }), false, "a clock was wrong");
});
