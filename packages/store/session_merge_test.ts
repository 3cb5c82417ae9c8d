import type { SessionEvent } from "@ipcascade/core";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { emptySession, mergeFragment, type SessionState } from "./session_merge.ts";
import { sessionFragment } from "./testing/session_contract.ts";

function merge(stretches: readonly (readonly number[])[]): SessionState {
  return stretches.reduce<SessionState>((state, instants) => {
    const events: SessionEvent[] = instants.map((atUs) => ({ atUs, kind: "command" }));
    return mergeFragment(state, sessionFragment("a", [], { events }));
  }, emptySession("a"));
}

Deno.test("mergeFragment() counts an instant once", () => {
  const cases = [
    ["one stretch", [[1, 2, 3]], 3, [[1, 3]]],
    ["several events of one instant", [[2, 2, 2]], 3, [[2, 2]]],
    ["the same again", [[1, 2, 3], [1, 2, 3]], 3, [[1, 3]]],
    ["a part again", [[1, 2, 3], [2, 3]], 3, [[1, 3]]],
    ["an overlap", [[1, 2, 3], [3, 4, 5]], 5, [[1, 5]]],
    ["an overlap, later part first", [[3, 4, 5], [1, 2, 3]], 5, [[1, 5]]],
    ["apart", [[7, 8], [1, 2]], 4, [[1, 2], [7, 8]]],
    ["a gap filled", [[1, 2], [7, 8], [2, 3, 7]], 5, [[1, 8]]],
    ["all around", [[3], [5], [1, 3, 4, 5, 9]], 5, [[1, 9]]],
    ["out of order", [[5, 1, 3], [4]], 3, [[1, 5]]],
  ] as const;
  for (const [label, stretches, commands, covered] of cases) {
    const state = merge(stretches);
    const bounds = state.covered.map(({ firstUs, lastUs }) => [firstUs, lastUs]);
    assertEquals([state.commands, bounds], [commands, covered], label);
  }
});

Deno.test("mergeFragment() gives the same object back when there is nothing new", () => {
  const fields = { startedAtUs: 1, endedAtUs: 9, durationMs: 8 };
  const state = mergeFragment(emptySession("a"), sessionFragment("a", ["login", "command"], fields));
  assertStrictEquals(mergeFragment(state, sessionFragment("a", ["login"])), state);
  assertEquals(mergeFragment(state, sessionFragment("a", ["login"], { endedAtUs: 10 })).endedAtUs, 10);
});

Deno.test("mergeFragment() keeps the first address and takes the earliest start and the latest end", () => {
  const one = sessionFragment("a", ["login"], { startedAtUs: 5, endedAtUs: 7, durationMs: 2 });
  const other = sessionFragment("a", ["login"], {
    sourceIp: "10.0.0.1",
    inInventory: false,
    startedAtUs: 4,
    endedAtUs: 6,
  });
  const { sourceIp, inInventory, startedAtUs, endedAtUs, durationMs } = [one, other].reduce(
    mergeFragment,
    emptySession("a"),
  );
  assertEquals({ sourceIp, inInventory, startedAtUs, endedAtUs, durationMs }, {
    sourceIp: "203.0.113.1",
    inInventory: true,
    startedAtUs: 4,
    endedAtUs: 7,
    durationMs: 2,
  });
});

Deno.test("mergeFragment() refuses a fragment without events", () => {
  assertThrows(() => mergeFragment(emptySession("a"), sessionFragment("a", [])), TypeError, '"a"');
});
