import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from "./clock.ts";
import {
  abandonAttempt,
  beginAttempt,
  downloadsToday,
  endAttempt,
  failAttempt,
  findHold,
  noteCheck,
  noteDownload,
} from "./edition_attempts.ts";
import { type EditionState, EMPTY_EDITION_STATE } from "./edition_state.ts";

const NOW = Date.parse("2026-11-25T10:00:00Z");
const OURS = { now: NOW, settings: "maxmind" };
const ERROR = { code: "network", message: "Cannot ask" };

function fail(state: EditionState, now: number, more: { isClosing?: boolean; retryAt?: number } = {}) {
  return failAttempt(beginAttempt(state, { ...OURS, now }), {
    now,
    error: ERROR,
    isClosing: more.isClosing ?? false,
    retryAt: more.retryAt ?? null,
    random: () => 1,
  });
}

Deno.test("findHold() holds nothing back at first", () => {
  assertEquals(findHold(EMPTY_EDITION_STATE, OURS), null);
});

Deno.test("findHold() holds back after failures, longer each time, up to a day", () => {
  let state = EMPTY_EDITION_STATE;
  const pauses: number[] = [];
  for (let failures = 0; failures < 12; failures++) {
    state = fail(state, NOW);
    pauses.push(findHold(state, OURS)!.until - NOW);
  }
  assertEquals(pauses.slice(0, 3), [15, 30, 60].map((minutes) => minutes * MS_PER_MINUTE));
  assertEquals(pauses.at(-1), MS_PER_DAY);
  assertEquals(findHold(state, OURS)?.reason, "backing_off");
  assertEquals(findHold(state, { ...OURS, now: NOW + MS_PER_DAY }), null);
});

Deno.test("findHold() forgets failures after a success", () => {
  const failed = fail(EMPTY_EDITION_STATE, NOW);
  const ended = endAttempt(beginAttempt(failed, OURS), { now: NOW, outcome: "current" });
  assertEquals([ended.failures, findHold(ended, OURS)], [0, null]);
});

Deno.test("findHold() keeps a closed provider closed until its day of UTC ends, or as long as it says", () => {
  const midnight = Date.parse("2026-11-26T00:00:00Z");
  const cases: readonly [retryAt: number | undefined, until: number][] = [
    [undefined, midnight],
    [NOW + MS_PER_HOUR, midnight],
    [NOW + 3 * MS_PER_DAY, NOW + 3 * MS_PER_DAY],
    [NOW + 300 * MS_PER_DAY, NOW + 8 * MS_PER_DAY],
  ];
  for (const [retryAt, until] of cases) {
    const hold = findHold(fail(EMPTY_EDITION_STATE, NOW, { isClosing: true, retryAt }), OURS);
    assertEquals(hold, { reason: "closed", until });
  }
});

Deno.test("findHold() does not hold another provider or account back", () => {
  const state = fail(EMPTY_EDITION_STATE, NOW, { isClosing: true });
  assertEquals(findHold(state, { ...OURS, settings: "dbip" }), null);
  const begun = beginAttempt(state, { ...OURS, settings: "dbip" });
  assertEquals([begun.failures, begun.retry_at, begun.closed_until], [0, null, null]);
});

Deno.test("findHold() lets three killed attempts be repeated at once, and holds the next ones back", () => {
  let state = EMPTY_EDITION_STATE;
  const holds: (number | null)[] = [];
  for (let kills = 0; kills < 6; kills++) {
    state = beginAttempt(state, OURS);
    const hold = findHold(state, OURS);
    holds.push(hold === null ? null : hold.until - NOW);
  }
  assertEquals(holds, [null, null, null, 15 * MS_PER_MINUTE, 30 * MS_PER_MINUTE, MS_PER_HOUR]);
  assertEquals(findHold(abandonAttempt(state, NOW), OURS), null, "an operator's stop is no crash");
});

Deno.test("findHold() bounds how often the provider is asked", () => {
  let state = EMPTY_EDITION_STATE;
  let asked = 0;
  for (let now = NOW; now < NOW + MS_PER_HOUR; now += 1_000) {
    if (findHold(state, { ...OURS, now }) !== null) continue;
    state = noteCheck(state, { now, hasNews: false });
    asked++;
  }
  assertEquals(asked, 36, "six in ten minutes");
  assert(findHold(state, { ...OURS, now: NOW + MS_PER_HOUR - 1 }) !== null);
  const news = noteCheck(state, { now: NOW + MS_PER_HOUR - 1, hasNews: true });
  assertEquals(findHold(news, { ...OURS, now: NOW + MS_PER_HOUR - 1 }), null);
});

Deno.test("findHold() disbelieves what a clock from the future wrote", () => {
  const future = NOW + 400 * MS_PER_DAY;
  const checked = Array.from({ length: 10 }).reduce<EditionState>(
    (state) => noteCheck(state, { now: future, hasNews: false }),
    {
      ...fail(EMPTY_EDITION_STATE, future, { isClosing: true }),
    },
  );
  assertEquals(findHold(checked, OURS), null);
  assert(findHold(checked, { ...OURS, now: future }) !== null);
});

Deno.test("downloadsToday() counts one day of UTC", () => {
  const state = noteDownload(noteDownload(EMPTY_EDITION_STATE, NOW), NOW);
  assertEquals(downloadsToday(state, NOW), 2);
  assertEquals(downloadsToday(state, Date.parse("2026-11-25T23:59:59.999Z")), 2);
  assertEquals(downloadsToday(state, Date.parse("2026-11-26T00:00:00Z")), 0);
  assertEquals(downloadsToday(noteDownload(state, NOW + MS_PER_DAY), NOW + MS_PER_DAY), 1);
});

Deno.test("A restart loop of any rhythm can't use up MaxMind's 30 downloads a day, whether it fails or is killed", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 600 }),
      fc.boolean(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (everySeconds, isKilled, jitter) => {
        let state = EMPTY_EDITION_STATE;
        let attempts = 0;
        for (let now = NOW; now < NOW + MS_PER_DAY; now += everySeconds * 1_000) {
          if (findHold(state, { ...OURS, now }) !== null) continue;
          attempts++;
          state = beginAttempt(noteCheck(state, { now, hasNews: true }), { ...OURS, now });
          if (isKilled) continue;
          const random = () => jitter;
          state = failAttempt(state, { now, error: ERROR, isClosing: false, retryAt: null, random });
        }
        // A failing edition is tried three times and the other one not at all; a killed attempt got both at most.
        const downloads = attempts * (isKilled ? 2 : 3);
        assert(downloads <= 30, `${downloads} at every ${everySeconds} s`);
      },
    ),
    { numRuns: 40 },
  );
});
