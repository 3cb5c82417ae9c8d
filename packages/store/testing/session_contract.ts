import type { SessionEvent, SessionFragment, SessionStore } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";

/** 2026-11-23T12:00:00.123456Z in microseconds. */
export const START_US = Date.UTC(2026, 10, 23, 12, 0, 0, 123) * 1000 + 456;

/** A fragment with events of these kinds one second apart; fields can be replaced. */
export function sessionFragment(
  sessionId: string,
  kinds: readonly SessionEvent["kind"][],
  fields: Partial<SessionFragment> = {},
): SessionFragment {
  return {
    sessionId,
    sourceIp: "203.0.113.1",
    inInventory: true,
    startedAtUs: null,
    endedAtUs: null,
    durationMs: null,
    events: kinds.map((kind, index) => ({ kind, atUs: START_US + index * 1_000_000 })),
    ...fields,
  };
}

/** What every session store does. */
export const SESSION_CONTRACT: readonly ContractCase<SessionStore>[] = [
  {
    name: "importFragments() counts new, changed and unchanged sessions and new addresses",
    run: async (store) => {
      const fragments = [sessionFragment("a", ["login"]), sessionFragment("b", ["command"])];
      assertEquals(await store.importFragments([]), counts(0, 0, 0, 0));
      assertEquals(await store.importFragments(fragments), counts(2, 0, 0, 1));
      assertEquals(await store.importFragments(fragments), counts(0, 0, 2, 0));
      const longer = sessionFragment("b", ["command", "command"]);
      const other = sessionFragment("c", ["other"], { sourceIp: "203.0.113.2" });
      assertEquals(await store.importFragments([fragments[0]!, longer, other]), counts(1, 1, 1, 1));
    },
  },
  {
    name: "importFragments() makes one session of several fragments in one batch",
    run: async (store) => {
      const fragments = ["login", "command"].map((kind, index) =>
        sessionFragment("a", [], { events: [{ kind: kind as "login", atUs: START_US + index }] })
      );
      assertEquals(await store.importFragments(fragments), counts(1, 0, 0, 1));
    },
  },
  {
    name: "importFragments() makes no address of one that is not global or not known",
    run: async (store) => {
      const fragments = [
        sessionFragment("a", ["login"], { sourceIp: "10.0.0.1", inInventory: false }),
        sessionFragment("b", ["login"], { sourceIp: null, inInventory: false }),
      ];
      assertEquals(await store.importFragments(fragments), counts(2, 0, 0, 0));
    },
  },
  {
    name: "listPending() pages through the sessions in the order of their ids",
    run: async (store) => {
      const ids = ["b", "a", "Z", "é", "c1", "c"];
      await store.importFragments(ids.map((id) => sessionFragment(id, ["login"])));
      const seen: string[] = [];
      for (let afterId: string | null = null;;) {
        const page = await store.listPending({ ids: null, afterId, limit: 2 });
        if (page.length === 0) break;
        seen.push(...page.map(({ sessionId }) => sessionId));
        afterId = seen.at(-1)!;
      }
      assertEquals(seen, ["Z", "a", "b", "c", "c1", "é"]);
    },
  },
  {
    name: "listPending() gives the sessions asked for, with their address",
    run: async (store) => {
      await store.importFragments([
        sessionFragment("a", ["login"], { sourceIp: "::102:304" }),
        sessionFragment("b", ["login"], { sourceIp: null, inInventory: false }),
        sessionFragment("c", ["login"]),
      ]);
      assertEquals(await store.listPending({ ids: ["b", "a", "nobody"], afterId: null, limit: 10 }), [
        { sessionId: "a", sourceIp: "::102:304" },
        { sessionId: "b", sourceIp: null },
      ]);
      assertEquals(await store.listPending({ ids: [], afterId: null, limit: 10 }), []);
    },
  },
  {
    name: "listUnknown() names each id that no import brought, once",
    run: async (store) => {
      await store.importFragments([sessionFragment("a", ["login"])]);
      assertEquals(await store.listUnknown([]), []);
      assertEquals(await store.listUnknown(["x", "a", "x", "", 'q"{}\\']), ["x", "", 'q"{}\\']);
    },
  },
  {
    name: "saveSnapshots() writes once, and waits for global addresses without answer",
    run: async (store) => {
      await store.importFragments([
        sessionFragment("global", ["login"]),
        sessionFragment("private", ["login"], { sourceIp: "10.0.0.1", inInventory: false }),
        sessionFragment("unknown", ["login"], { sourceIp: null, inInventory: false }),
      ]);
      const ids = ["global", "private", "unknown", "nobody"];
      assertEquals(await store.saveSnapshots([], 0), 0);
      assertEquals(await store.saveSnapshots(ids, START_US / 1000), 1);
      assertEquals(await store.saveSnapshots(ids, START_US / 1000), 0);
      assertEquals(await store.listPending({ ids: null, afterId: null, limit: 9 }), [
        { sessionId: "global", sourceIp: "203.0.113.1" },
        { sessionId: "unknown", sourceIp: null },
      ]);
    },
  },
];

function counts(
  newSessions: number,
  changedSessions: number,
  unchangedSessions: number,
  newAddresses: number,
) {
  return { newSessions, changedSessions, unchangedSessions, newAddresses };
}
