import { describeCheck, type Grade, type HealthGroup } from "@ipcascade/core";
import { FakeClock } from "@ipcascade/testkit";
import { assertEquals } from "@std/assert";
import { checkHealth } from "../health/check_health.ts";
import { observeHealth } from "./observe_health.ts";

const NAMES: readonly (readonly [name: string, group: HealthGroup])[] = [
  ["edition_city", "editions"],
  ["greynoise_quota", "sources"],
  ["circuit_cymru", "sources"],
  ["job_check_health", "jobs"],
  ["job_back_up", "jobs"],
  ["database", "system"],
  ["disk_free", "system"],
];

/** Keys and grades of what is observed when the checks have these grades, and are `ok` otherwise. */
async function observe(
  grades: Readonly<Record<string, Grade>>,
  isRemembered = true,
  observed: string | null = null,
): Promise<string[]> {
  const checks = NAMES.map(([name, group]) =>
    describeCheck({ name, group }, { grade: grades[name] ?? "ok", message: `${name} says`, observed })
  );
  const probe = { expected: [], run: () => Promise.resolve(checks) };
  const report = await checkHealth([probe], { clock: new FakeClock("2026-11-23T06:00:00Z") });
  const observations = observeHealth(report, { isRemembered });
  for (const { at } of observations) assertEquals(at, Date.parse("2026-11-23T06:00:00Z"));
  return observations.map(({ key, grade }) => `${key} ${grade}`).sort();
}

Deno.test("observeHealth() tells of every check but its own job, and of the quota under the quota's key", async () => {
  assertEquals(await observe({ greynoise_quota: "critical", disk_free: "warning" }), [
    "health.circuit_cymru ok",
    "health.database ok",
    "health.disk_free warning",
    "health.edition_city ok",
    "health.job_back_up ok",
    "quota critical",
  ]);
});

Deno.test("observeHealth() leaves a quota that gets low to the check of the quota", async () => {
  assertEquals((await observe({ greynoise_quota: "warning" })).filter((one) => one.startsWith("quota")), []);
});

Deno.test("observeHealth() tells of a lost database once, not of every check that reads from it", async () => {
  const lost = { greynoise_quota: "unknown", circuit_cymru: "unknown", job_back_up: "unknown" } as const;
  for (const database of ["critical", "unknown"] as const) {
    assertEquals(await observe({ ...lost, database, edition_city: "unknown" }), [
      `health.database ${database}`,
      "health.disk_free ok",
      "health.edition_city unknown",
    ]);
  }
  assertEquals((await observe({ ...lost, database: "warning" })).includes("quota unknown"), true);
});

Deno.test("observeHealth() tells only the worst, and what is well, without the database's memory", async () => {
  const bad = { database: "critical", disk_free: "warning", edition_city: "critical" } as const;
  const lost = { greynoise_quota: "unknown", circuit_cymru: "unknown", job_back_up: "unknown" } as const;
  const told = ["health.database critical", "health.edition_city critical"];
  assertEquals(await observe({ ...bad, ...lost }, false), told);
  assertEquals(await observe({ ...bad, ...lost, edition_city: "ok" }, false), [
    "health.database critical",
    "health.edition_city ok",
  ]);
});

Deno.test("observeHealth() takes a database that another process uses for no fault", async () => {
  const busy = { database: "unknown", job_back_up: "unknown", disk_free: "warning" } as const;
  assertEquals(await observe(busy, true, "in_use"), [
    "health.circuit_cymru ok",
    "health.disk_free warning",
    "health.edition_city ok",
    "quota ok",
  ]);
});
