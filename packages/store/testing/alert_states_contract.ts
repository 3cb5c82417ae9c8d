import {
  type AlertHandOver,
  type AlertObservation,
  type AlertStates,
  type AlertTurn,
  MS_PER_DAY,
  REMIND_AFTER_MS,
} from "@ipcascade/core";
import { assert, assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { NOON } from "./rows.ts";

function observe(fields: Partial<AlertObservation> = {}): AlertObservation {
  return {
    key: "quota",
    grade: "critical",
    title: "812 of 10000 left",
    message: "little\u0000 is left",
    fix: "ipcascade quota",
    at: NOON,
    ...fields,
  };
}

/** Looks and takes the right to tell; the claim lasts a minute unless told otherwise. */
function look(states: AlertStates, fields: Partial<AlertObservation> = {}, claimMs = 60_000) {
  const observation = observe(fields);
  return states.take("mail", observation, { now: observation.at, claimMs });
}

function describe(turn: AlertTurn): string {
  switch (turn.status) {
    case "taken":
      return turn.kind;
    case "told":
      return turn.isBad ? "told" : "well";
    case "elsewhere":
    case "outdated":
      return turn.status;
  }
}

async function tell(states: AlertStates, turn: AlertTurn, now: number): Promise<void> {
  assert(turn.status === "taken");
  await states.end(turn.claim, { now, told: turn.state.grade, failure: null });
}

async function fail(states: AlertStates, turn: AlertTurn, now: number): Promise<void> {
  assert(turn.status === "taken");
  await states.end(turn.claim, { now, told: null, failure: "no\u0000 answer" });
}

/** Told a millisecond before noon, seen a little earlier. */
function toldElsewhere(fields: Partial<AlertHandOver> = {}): AlertHandOver {
  const { at: _, ...texts } = observe();
  const state = { grade: "critical", since: NOON - 9, seenAt: NOON - 1 } as const;
  const told = { toldGrade: "critical", toldAt: NOON - 1, isUncertain: false } as const;
  return { ...texts, notifier: "mail", ...state, ...told, ...fields };
}

/** What every memory of alerts does. */
export const ALERT_STATES_CONTRACT: readonly ContractCase<AlertStates>[] = [
  {
    name: "take() gives one right for each change, a reminder after a day, and recovery",
    run: async (states) => {
      assertEquals(describe(await look(states, { grade: "info", at: NOON - 1 })), "well");
      const fired = await look(states);
      assert(fired.status === "taken");
      assertEquals([fired.kind, fired.state], ["fire", {
        grade: "critical",
        since: NOON,
        seenAt: NOON,
        toldGrade: "ok",
        toldAt: null,
      }]);
      await tell(states, fired, NOON + 5);
      assertEquals(describe(await look(states, { at: NOON + 10 })), "told");
      const reminder = await look(states, { at: NOON + 5 + REMIND_AFTER_MS });
      assert(reminder.status === "taken");
      assertEquals([reminder.kind, reminder.state.since], ["remind", NOON]);
      await tell(states, reminder, NOON + MS_PER_DAY);
      const recovery = await look(states, { grade: "ok", at: NOON + 2 * MS_PER_DAY });
      assertEquals(describe(recovery), "recover");
      await tell(states, recovery, NOON + 2 * MS_PER_DAY);
      assertEquals(describe(await look(states, { grade: "ok", at: NOON + 9 * MS_PER_DAY })), "well");
    },
  },
  {
    name: "take() gives one of 20 callers the right",
    run: async (states) => {
      const race = async (claimMs: number, at: number) => {
        const turns = await Promise.all(Array.from({ length: 20 }, () => look(states, { at }, claimMs)));
        return turns.map(describe).filter((turn) => turn !== "elsewhere");
      };
      assertEquals(await race(60_000, NOON), ["fire"]);
      assertEquals(await race(60_000, NOON + 1), []);
    },
  },
  {
    name: "take() gives the right of a sender that is gone to the next one, whose word counts",
    run: async (states) => {
      const gone = await look(states, {}, 0);
      const next = await look(states, { at: NOON + 1 });
      assertEquals([describe(gone), describe(next)], ["fire", "fire"]);
      await fail(states, gone, NOON + 2);
      assertEquals(describe(await look(states, { at: NOON + 3 })), "elsewhere", "the late one ends nothing");
      await tell(states, next, NOON + 4);
      assertEquals(describe(await look(states, { at: NOON + 5 })), "told");
    },
  },
  {
    name: "take() tells of recovery where a sender that is gone may have told of the failure",
    run: async (states) => {
      await look(states, {}, 0);
      const next = await look(states, { grade: "ok", at: NOON + 1 });
      assertEquals(describe(next), "recover");
      await tell(states, next, NOON + 1);
      assertEquals(describe(await look(states, { grade: "ok", at: NOON + 2 })), "well");
    },
  },
  {
    name: "end() after a failure leaves it to be told again, and says why",
    run: async (states) => {
      await fail(states, await look(states), NOON);
      const [failed] = await states.list(9);
      assertEquals([failed!.failure, failed!.toldGrade, failed!.toldAt], ["no answer", "ok", null]);
      const again = await look(states, { at: NOON + 1 });
      assert(again.status === "taken");
      assertEquals(again.state.since, NOON);
      await tell(states, again, NOON + 2);
      assertEquals(await states.list(9), [{
        key: "quota",
        notifier: "mail",
        grade: "critical",
        since: NOON,
        seenAt: NOON + 1,
        toldGrade: "critical",
        toldAt: NOON + 2,
        title: "812 of 10000 left",
        message: "little is left",
        fix: "ipcascade quota",
        failure: null,
      }]);
    },
  },
  {
    name: "take() forgets nothing that is seen while another one tells",
    run: async (states) => {
      const fired = await look(states);
      assertEquals(describe(await look(states, { grade: "ok", at: NOON + 1 })), "well");
      assertEquals(describe(await look(states, { grade: "warning", at: NOON + 1 })), "elsewhere");
      await tell(states, fired, NOON + 2);
      assertEquals(describe(await look(states, { grade: "ok", at: NOON + 3 })), "recover");
    },
  },
  {
    name: "take() leaves out what is older than what is known",
    run: async (states) => {
      await tell(states, await look(states), NOON);
      assertEquals(describe(await look(states, { grade: "ok", at: NOON - 1 })), "outdated");
      assertEquals((await states.list(9))[0]!.grade, "critical");
    },
  },
  {
    name: "take() keeps every key and every notifier by itself",
    run: async (states) => {
      await tell(states, await look(states), NOON);
      assertEquals(describe(await look(states, { key: "health.database" })), "fire");
      assertEquals(
        (await states.take("webhook", observe(), { now: NOON, claimMs: 1_000 })).status,
        "taken",
      );
      const listed = (await states.list(9)).map(({ key, notifier }) => `${key} ${notifier}`);
      assertEquals(listed, ["health.database mail", "quota mail", "quota webhook"]);
      assertEquals((await states.list(1)).length, 1);
    },
  },
  {
    name: "adopt() goes on with what was told elsewhere: no second message, a reminder, recovery",
    run: async (states) => {
      await states.adopt(toldElsewhere());
      const [adopted] = await states.list(9);
      assertEquals(
        [adopted!.grade, adopted!.since, adopted!.seenAt, adopted!.toldGrade, adopted!.toldAt],
        ["critical", NOON - 9, NOON - 1, "critical", NOON - 1],
      );
      const again = await look(states);
      assertEquals(describe(again), "told");
      assertEquals((await states.list(9))[0]!.since, NOON - 9);
      assertEquals(describe(await look(states, { at: NOON + MS_PER_DAY }, 0)), "remind");
      assertEquals(describe(await look(states, { grade: "ok", at: NOON + MS_PER_DAY + 1 })), "recover");
    },
  },
  {
    name: "adopt() leaves alone what was told later, and what was told before counts as little as elsewhere",
    run: async (states) => {
      await tell(states, await look(states), NOON);
      await tell(states, await look(states, { grade: "ok", at: NOON + 1 }), NOON + 1);
      await states.adopt(toldElsewhere());
      assertEquals(describe(await look(states, { grade: "ok", at: NOON + 2 })), "well");
      await states.adopt(toldElsewhere({ grade: "warning", toldGrade: "warning", toldAt: NOON + 3 }));
      assertEquals(describe(await look(states, { grade: "ok", at: NOON + 4 })), "recover");
    },
  },
  {
    name: "adopt() of what nobody knows whether it was told has the state told",
    run: async (states) => {
      await states.adopt(toldElsewhere({ toldGrade: "ok", toldAt: null, isUncertain: true }));
      assertEquals(describe(await look(states, { grade: "ok" })), "recover");
    },
  },
  {
    name: "forget() forgets a key for all notifiers, and no other key",
    run: async (states) => {
      for (const notifier of ["mail", "webhook"]) {
        await states.take(notifier, observe(), { now: NOON, claimMs: 1_000 });
      }
      await look(states, { key: "quota.other" });
      assertEquals([await states.forget("quot"), await states.forget("quota")], [0, 2]);
      assertEquals((await states.list(9)).map(({ key }) => key), ["quota.other"]);
      assertEquals([await states.forget("quota"), describe(await look(states))], [0, "fire"]);
    },
  },
];

/** What a memory does that keeps what was never bad. */
export const ALERT_WELL_CASES: readonly ContractCase<AlertStates>[] = [
  {
    name: "take() notes how what stays well looks, and keeps since when it is",
    run: async (states) => {
      const well = { grade: "ok", title: "9000 left", fix: null } as const;
      await look(states, { ...well, at: NOON });
      assertEquals(describe(await look(states, { ...well, title: "8999 left", at: NOON + 5 })), "well");
      const [seen] = await states.list(9);
      assertEquals([seen?.grade, seen?.since, seen?.seenAt], ["ok", NOON, NOON + 5]);
      assertEquals([seen?.title, seen?.message, seen?.fix], ["8999 left", "little is left", null]);
      assertEquals(describe(await look(states, { ...well, title: "8998 left", at: NOON + 4 })), "outdated");
      assertEquals((await states.list(9))[0]!.title, "8999 left");
    },
  },
];
