import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { CLOSED_CIRCUIT } from "@ipcascade/core";
import { askGreynoise } from "./ask_greynoise.ts";
import { SourceCircuit } from "./source_circuit.ts";
import {
  addressesOf,
  failed,
  JumpingClock,
  manyAddresses,
  MemoryCircuits,
  MemoryLedger,
  NOON,
  ScriptedGreynoise,
  SILENT_LOG,
} from "./testing/fakes.ts";

function createDeps(greynoise: ScriptedGreynoise, quota: MemoryLedger) {
  const clock = new JumpingClock();
  const circuits = new MemoryCircuits();
  const circuit = new SourceCircuit("greynoise", { circuits, clock, log: SILENT_LOG });
  return { greynoise, quota, circuit, circuits, clock, random: () => 0.5 };
}

Deno.test("askGreynoise() sends no more requests than the ledger grants", async () => {
  const deps = createDeps(new ScriptedGreynoise(() => ({})), new MemoryLedger(25));
  const outcomes = await askGreynoise(manyAddresses(60), deps, {});
  assertEquals(deps.greynoise.sent.length, 25);
  assertEquals(deps.quota.used, 25);
  assertEquals(outcomes.size, 60);
  const skipped = [...outcomes.values()].filter((outcome) => outcome.status === "skipped");
  assertEquals(skipped.length, 35);
  assertEquals(skipped[0], { status: "skipped", reason: "quota_exhausted", until: Date.UTC(2026, 10, 24) });
});

Deno.test("askGreynoise() with a share leaves the rest of the quota to others", async () => {
  const deps = createDeps(new ScriptedGreynoise(() => ({})), new MemoryLedger(25));
  const outcomes = await askGreynoise(manyAddresses(60), deps, { share: 0.8 });
  assertEquals([deps.greynoise.sent.length, deps.quota.used], [20, 20]);
  const last = [...outcomes.values()].at(-1);
  assertEquals(last, { status: "skipped", reason: "quota_exhausted", until: Date.UTC(2026, 10, 24) });
  await askGreynoise(manyAddresses(60), deps, {});
  assertEquals(deps.quota.used, 25);
});

Deno.test("askGreynoise() sends nothing when the ledger can't be read", async () => {
  const quota = new MemoryLedger(25);
  quota.broken = true;
  const deps = createDeps(new ScriptedGreynoise(() => ({})), quota);
  const outcomes = await askGreynoise(manyAddresses(3), deps, {});
  assertEquals(deps.greynoise.sent, []);
  assertEquals([...outcomes.values()].map((outcome) => outcome.status === "skipped" && outcome.reason), [
    "quota_unknown",
    "quota_unknown",
    "quota_unknown",
  ]);
});

Deno.test("askGreynoise() counts each retry of a server error in the ledger", async () => {
  const reply = (_: string, attempt: number) => (attempt < 3 ? { outcome: failed("server_error") } : {});
  const deps = createDeps(new ScriptedGreynoise(reply), new MemoryLedger(100));
  const outcomes = await askGreynoise(addressesOf("5.0.0.1"), deps, {});
  assertEquals(deps.greynoise.sent.length, 3);
  assertEquals(deps.quota.used, 3);
  assertEquals(outcomes.get("5.0.0.1")?.status, "miss");
});

Deno.test("askGreynoise() keeps the failure when no unit is left for a retry", async () => {
  const deps = createDeps(new ScriptedGreynoise(() => ({ outcome: failed("timeout") })), new MemoryLedger(1));
  const outcomes = await askGreynoise(addressesOf("5.0.0.1"), deps, {});
  assertEquals(deps.greynoise.sent.length, 1);
  assertEquals(outcomes.get("5.0.0.1")?.status, "failed");
});

Deno.test("askGreynoise() does not retry a 429 and stops sending until the window ends", async () => {
  const reply = () => ({
    outcome: failed("rate_limited"),
    limited: { learned: { limit: 25, period: "week" as const }, retryAt: null },
  });
  const deps = createDeps(new ScriptedGreynoise(reply), new MemoryLedger(1_000));
  const outcomes = await askGreynoise(manyAddresses(40), deps, {});
  assertLess(deps.greynoise.sent.length, 11);
  const monday = Date.UTC(2026, 10, 30);
  assertEquals(deps.quota.closedUntil, monday);
  const last = [...outcomes.values()].at(-1);
  assertEquals(last, { status: "skipped", reason: "quota_exhausted", until: monday });
});

Deno.test("askGreynoise() opens the circuit after failures in a row and leaves the rest alone", async () => {
  const deps = createDeps(
    new ScriptedGreynoise(() => ({ outcome: failed("server_error") })),
    new MemoryLedger(1_000),
  );
  const outcomes = await askGreynoise(manyAddresses(40), deps, {});
  assertLess(deps.greynoise.sent.length, 21);
  assertEquals([...outcomes.values()].at(-1)?.status, "skipped");
  assertGreater(deps.circuits.states.get("greynoise")!.openUntil!, NOON);
  assertEquals(deps.quota.used, deps.greynoise.sent.length, "unsent units are given back");
});

Deno.test("askGreynoise() opens the circuit at once when the key is refused", async () => {
  const deps = createDeps(
    new ScriptedGreynoise(() => ({ outcome: failed("unauthorized") })),
    new MemoryLedger(1_000),
  );
  await askGreynoise(manyAddresses(40), deps, {});
  assertEquals(deps.circuits.states.get("greynoise")?.reason, "unauthorized: the key is refused");
  assertLess(deps.greynoise.sent.length, 11);
});

Deno.test("askGreynoise() sends one trial while the circuit is half open, then the others", async () => {
  const deps = createDeps(new ScriptedGreynoise(() => ({})), new MemoryLedger(1_000));
  deps.circuits.states.set("greynoise", {
    failures: 5,
    trips: 1,
    openedAt: NOON - 2,
    openUntil: NOON - 1,
    trialUntil: null,
    reason: "timeout",
  });
  await deps.circuit.load();
  const outcomes = await askGreynoise(manyAddresses(30), deps, {});
  assertEquals(deps.greynoise.sent.length, 30);
  assertEquals([...outcomes.values()].every((outcome) => outcome.status === "miss"), true);
  assertEquals(deps.circuits.states.get("greynoise")?.openUntil, null);
});

Deno.test("askGreynoise() sends nothing while the circuit is open", async () => {
  const deps = createDeps(new ScriptedGreynoise(() => ({})), new MemoryLedger(1_000));
  deps.circuits.states.set("greynoise", {
    failures: 5,
    trips: 1,
    openedAt: NOON,
    openUntil: NOON + 1,
    trialUntil: null,
    reason: "timeout",
  });
  await deps.circuit.load();
  const outcomes = await askGreynoise(manyAddresses(30), deps, {});
  assertEquals(deps.greynoise.sent, []);
  assertEquals(deps.quota.used, 0);
  assertEquals([...outcomes.values()][29], { status: "skipped", reason: "circuit_open", until: NOON + 1 });
});

Deno.test("askGreynoise() skips the rest, and spends nothing, when nobody knows whose turn it is", async () => {
  const skipped = { status: "skipped", reason: "rate_unknown", until: null } as const;
  const reply = (address: string) => address === "5.0.0.2" ? { outcome: skipped, mayHaveArrived: false } : {};
  const deps = createDeps(new ScriptedGreynoise(reply), new MemoryLedger(1_000));
  deps.circuits.states.set("greynoise", { ...CLOSED_CIRCUIT, failures: 5, trips: 1, openUntil: NOON });
  const outcomes = await askGreynoise(manyAddresses(30), deps, {});
  assertEquals([...outcomes.values()].filter(({ status }) => status === "miss").length > 1, true);
  assertEquals([...outcomes.values()].at(-1), skipped);
  assertEquals(outcomes.get("5.0.0.2"), skipped);
  assertLess(deps.greynoise.sent.length, 12);
  assertEquals(deps.quota.used, deps.greynoise.sent.length - 1);
});

for (
  const [label, reply] of [
    ["a turn that nobody knows", {
      outcome: { status: "skipped", reason: "rate_unknown", until: null },
      mayHaveArrived: false,
    }],
    ["a 429", { outcome: failed("rate_limited"), limited: { learned: null, retryAt: null } }],
    ["a caller that gives up", { outcome: failed("aborted") }],
  ] as const
) {
  Deno.test(`askGreynoise() gives the trial back after ${label}`, async () => {
    const deps = createDeps(new ScriptedGreynoise(() => reply), new MemoryLedger(1_000));
    const state = { ...CLOSED_CIRCUIT, failures: 5, trips: 1, openUntil: NOON };
    deps.circuits.states.set("greynoise", state);
    await askGreynoise(manyAddresses(3), deps, {});
    assertEquals([deps.greynoise.sent.length, deps.circuits.states.get("greynoise")], [1, state]);
  });
}

Deno.test("askGreynoise() hears within ten requests that others opened the circuit", async () => {
  const deps = createDeps(new ScriptedGreynoise(() => openAfter(15)), new MemoryLedger(1_000));
  function openAfter(count: number) {
    if (deps.greynoise.sent.length === count) {
      const open = { ...CLOSED_CIRCUIT, failures: 5, trips: 1, openedAt: NOON, openUntil: NOON + 9 };
      deps.circuits.states.set("greynoise", open);
    }
    return {};
  }
  const outcomes = await askGreynoise(manyAddresses(60), deps, {});
  assertEquals(deps.greynoise.sent.length, 20);
  assertEquals([...outcomes.values()].at(-1), {
    status: "skipped",
    reason: "circuit_open",
    until: NOON + 9,
  });
});

Deno.test("askGreynoise() stops asking when told to", async () => {
  const stop = new AbortController();
  const reply = () => {
    stop.abort();
    return {};
  };
  const deps = createDeps(new ScriptedGreynoise(reply), new MemoryLedger(1_000));
  const outcomes = await askGreynoise(manyAddresses(30), deps, { stop: stop.signal });
  assertLess(deps.greynoise.sent.length, 11);
  assertEquals([...outcomes.values()].at(-1), { status: "skipped", reason: "stopped", until: null });
  assertEquals(deps.quota.used, deps.greynoise.sent.length);
});
