import { CIRCUIT_OPTIONS, recordFailure, recordSuccess, type SourceName } from "@ipcascade/core";
import { createSqlCircuitStore } from "@ipcascade/store";
import { assertEquals } from "@std/assert";
import type { HealthWorld } from "../health_world.ts";
import { DATABASE, query, type Situation } from "./situation.ts";

/** The page for a quota that ended early. */
export const QUOTA = "docs/quota.md#greynoise-quota-exceeded-early";

/** Brings the counter of the quota up to a number, as sending does. */
const use = (used: number) => async (world: HealthWorld) => {
  await world.run(["quota", "set", "10000/day", "--used", String(used), "--reason", "test"]);
};
/** Mends a quota that is used up. */
export const resetQuota = (world: HealthWorld): Promise<unknown> =>
  world.run(["quota", "reset", "--reason", "test"]);

const openCircuit = (source: SourceName) => async (world: HealthWorld) => {
  const failure = { ...CIRCUIT_OPTIONS[source], threshold: 1, now: Date.now(), reason: "timeout: no answer" };
  await createSqlCircuitStore(world.sql).changeCircuit(source, (state) => recordFailure(state, failure));
};
const closeCircuit = (source: SourceName) => (world: HealthWorld) =>
  createSqlCircuitStore(world.sql).changeCircuit(source, recordSuccess);

/** Quota and circuits. */
export const SOURCES: readonly Situation[] = [
  {
    name: "2 000 of 10 000 requests are left",
    damage: use(8_000),
    check: "greynoise_quota",
    grade: "ok",
    message: /^2000 of 10000 left \(20 %\)/,
    fix: null,
    mend: resetQuota,
  },
  {
    name: "1 999 of 10 000 requests are left",
    damage: use(8_001),
    check: "greynoise_quota",
    grade: "warning",
    message: /^1999 of 10000 left/,
    fix: QUOTA,
    mend: resetQuota,
  },
  {
    name: "999 of 10 000 requests are left",
    damage: use(9_001),
    check: "greynoise_quota",
    grade: "critical",
    message: /^999 of 10000 left/,
    fix: QUOTA,
    mend: resetQuota,
  },
  {
    name: "GreyNoise answers 429",
    damage: async (world) => {
      world.lab.setFault("greynoise", {
        kind: "status",
        status: 429,
        body: '{"plan":"Community","rate_limit":"25-W"}',
      });
      await world.run(["enrich", "23.9.9.9", "--sources", "greynoise"]);
      world.lab.clearFaults();
    },
    check: "greynoise_quota",
    grade: "critical",
    message: /^closed by a 429 until/,
    fix: QUOTA,
    mend: async (world) => {
      await resetQuota(world);
      assertEquals((await world.health()).checks.get("greynoise_quota")!.grade, "ok");
      await world.heal();
    },
  },
  {
    name: "the quota ledger can't be read",
    damage: query("alter table quota_ledger rename to quota_ledger_gone"),
    check: "greynoise_quota",
    grade: "unknown",
    message: /the quota ledger can't be read: .*quota_ledger/,
    fix: DATABASE,
    mend: query("alter table quota_ledger_gone rename to quota_ledger"),
  },
  {
    name: "Team Cymru is left alone",
    damage: openCircuit("cymru"),
    check: "circuit_cymru",
    grade: "warning",
    message: /timeout: no answer\); left alone until/,
    fix: "ipcascade diagnose cymru",
    mend: closeCircuit("cymru"),
  },
  {
    name: "MaxMind's editions can't be decoded any more",
    damage: openCircuit("maxmind"),
    check: "circuit_maxmind",
    grade: "critical",
    message: /left alone until/,
    fix: "ipcascade diagnose maxmind",
    mend: closeCircuit("maxmind"),
  },
  {
    name: "GreyNoise failed twice",
    damage: async (world) => {
      const failure = { ...CIRCUIT_OPTIONS.greynoise, now: Date.now(), reason: "refused" };
      await createSqlCircuitStore(world.sql).changeCircuit(
        "greynoise",
        (state) => recordFailure(recordFailure(state, failure), failure),
      );
    },
    check: "circuit_greynoise",
    grade: "info",
    message: /failed 2 times in a row: refused/,
    fix: "ipcascade diagnose greynoise",
    mend: closeCircuit("greynoise"),
  },
];
