import { assertEquals, assertStringIncludes } from "@std/assert";
import type { CowrieEvent } from "@ipcascade/core";
import { FragmentCollector } from "./session_fragments.ts";

function event(
  sessionId: string,
  eventId: string,
  atUs: number,
  more: Partial<CowrieEvent> = {},
): CowrieEvent {
  return { sessionId, eventId: `cowrie.${eventId}`, atUs, sourceIp: "5.0.0.1", durationMs: null, ...more };
}

Deno.test("FragmentCollector delivers a session when it closes", () => {
  const collector = new FragmentCollector();
  collector.add(event("a", "session.connect", 10));
  collector.add(event("a", "login.failed", 20));
  collector.add(event("a", "command.input", 30));
  collector.add(event("a", "client.version", 40));
  assertEquals(collector.take(), []);
  collector.add(event("a", "session.closed", 50, { durationMs: 40 }));
  const [fragment] = collector.take();
  assertEquals(fragment, {
    sessionId: "a",
    sourceIp: "5.0.0.1",
    inInventory: true,
    startedAtUs: 10,
    endedAtUs: 50,
    durationMs: 40,
    events: [
      { atUs: 20, kind: "login" },
      { atUs: 30, kind: "command" },
      { atUs: 10, kind: "other" },
      { atUs: 50, kind: "other" },
    ],
  });
});

Deno.test("FragmentCollector keeps private sources out of the inventory", () => {
  const collector = new FragmentCollector();
  collector.add(event("a", "session.connect", 10, { sourceIp: "10.0.0.1" }));
  const [fragment] = collector.takeAll();
  assertEquals([fragment?.sourceIp, fragment?.inInventory], ["10.0.0.1", false]);
});

Deno.test("FragmentCollector stays within its bounds by delivering unfinished sessions", () => {
  const collector = new FragmentCollector({ batchSessions: 2, maxOpen: 2, maxEvents: 2 });
  collector.add(event("a", "session.connect", 1));
  collector.add(event("b", "session.connect", 2));
  collector.add(event("c", "session.connect", 3));
  assertEquals(collector.take().map((fragment) => fragment.sessionId), ["a"]);
  collector.add(event("b", "login.failed", 4));
  collector.add(event("b", "login.failed", 5));
  assertEquals(collector.take().map((fragment) => fragment.sessionId), ["b"]);
  assertEquals(collector.takeAll().map((fragment) => fragment.sessionId), ["c"]);
});

Deno.test("FragmentCollector tells of an address that is none, and keeps the session", () => {
  const collector = new FragmentCollector();
  const problem = collector.add(event("a", "session.connect", 1, { sourceIp: "1.2.3" }));
  assertStringIncludes(problem!, '"1.2.3"');
  assertEquals(collector.takeAll()[0]?.sourceIp, null);
});

Deno.test("FragmentCollector counts no event whose name is a property of every object", () => {
  const collector = new FragmentCollector();
  collector.add({ ...event("a", "session.connect", 1), eventId: "constructor" });
  assertEquals(collector.takeAll()[0]?.events.map(({ kind }) => kind), ["other", "other"]);
});

Deno.test("FragmentCollector counts once what overlapping logs bring twice", () => {
  const log = [
    event("a", "session.connect", 10),
    event("a", "login.failed", 20),
    event("a", "command.input", 30),
    event("a", "command.input", 40),
    event("a", "session.closed", 50),
  ];
  const parts: readonly [name: string, events: readonly CowrieEvent[]][] = [
    ["halves that overlap", [...log.slice(0, 4), ...log.slice(2)]],
    ["out of order", [log[0]!, log[2]!, log[1]!, log[3]!, log[4]!]],
  ];
  for (const [name, events] of parts) {
    const collector = new FragmentCollector();
    for (const one of events) collector.add(one);
    const kinds = collector.takeAll()[0]!.events.map(({ kind }) => kind).toSorted();
    assertEquals(kinds, ["command", "command", "login", "other", "other"], name);
  }
});
