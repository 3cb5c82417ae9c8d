import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, UsageError } from "@ipcascade/core";
import { checkQuota, listQuotaChanges, type QuotaDeps, resetQuota, setQuota } from "@ipcascade/operations";
import { renderQuota } from "@ipcascade/render";
import { createSqlQuotaControl, createSqlQuotaLedger } from "@ipcascade/store";
import { FakeClock } from "@ipcascade/testkit";
import { openSharedPglite } from "./cascade_world.ts";

const MIDNIGHT = Date.UTC(2026, 10, 23);
const OPTIONS = { refreshShare: 0.8 };
const ACTOR = "alice@honeypot-1";

/** A ledger of 10 000 a day that is empty, at noon. */
async function openWorld(limit = 10_000) {
  const sql = await openSharedPglite();
  const clock = new FakeClock();
  const options = { sql, policies: { greynoise: { limit, period: "day" } } } as const;
  const ledger = createSqlQuotaLedger(options);
  const deps = { ledger, control: createSqlQuotaControl(options), clock } satisfies QuotaDeps;
  const use = (count: number) => ledger.reserve("greynoise", count, clock.now());
  return { sql, clock, deps, ledger, use, check: () => checkQuota(deps, OPTIONS) };
}

Deno.test("checkQuota() grades by what is left and tells until when", async () => {
  const { use, check } = await openWorld();
  const full = await check();
  assertEquals([full.grade, full.remaining, full.remaining_percent, full.forecast], [
    "ok",
    10_000,
    100,
    "unknown",
  ]);
  const steps: readonly (readonly [count: number, grade: string, message: string, refresh: number])[] = [
    [8_000, "ok", "2000 of 10000 left (20 %), resets in 12 h 0 min", 0],
    [1, "warning", "1999 of 10000 left (19.9 %), resets in 12 h 0 min", 0],
    [999, "warning", "1000 of 10000 left (10 %), resets in 12 h 0 min", 0],
    [1, "critical", "999 of 10000 left (9.9 %), resets in 12 h 0 min", 0],
    [999, "critical", "0 of 10000 left (0 %), resets in 12 h 0 min", 0],
  ];
  for (const [count, grade, message, refresh] of steps) {
    await use(count);
    const report = await check();
    assertEquals([report.grade, report.message, report.refresh_remaining], [grade, message, refresh]);
  }
});

Deno.test("trap 35: checkQuota() at midnight tells the whole day, a moment before it one minute", async () => {
  const { clock, check } = await openWorld();
  clock.set(MIDNIGHT);
  const atMidnight = await check();
  assertEquals([atMidnight.message, atMidnight.resets_in_s], [
    "10000 of 10000 left (100 %), resets in 24 h 0 min",
    86_400,
  ]);
  clock.set(MIDNIGHT + MS_PER_DAY - 1);
  const before = await check();
  assertEquals([before.message, before.resets_in_s], [
    "10000 of 10000 left (100 %), resets in 0 h 1 min",
    1,
  ]);
});

Deno.test("checkQuota() with a limit of 0 is critical and divides nothing by it", async () => {
  const { check } = await openWorld(0);
  const report = await check();
  assertEquals([report.grade, report.message, report.remaining_percent, report.forecast], [
    "critical",
    "the limit is 0: nothing may be sent",
    null,
    "empty",
  ]);
  assertEquals(JSON.stringify(report).includes("NaN"), false);
});

Deno.test("trap 33: checkQuota() is critical while a 429 keeps GreyNoise closed, and says until when", async () => {
  const { deps, ledger, clock, check } = await openWorld();
  const learned = { limit: 25, period: "week" } as const;
  await ledger.close("greynoise", { now: clock.now(), learned, retryAt: null, reason: "HTTP 429" });
  const report = await check();
  assertEquals([report.grade, report.remaining, report.origin, report.limit, report.period], [
    "critical",
    0,
    "provider",
    25,
    "week",
  ]);
  assertEquals(report.message, "closed by a 429 until 2026-11-30T00:00:00.000Z, in 156 h 0 min");
  assertEquals([report.since, report.closed_until], ["2026-11-23T12:00:00.000Z", "2026-11-30T00:00:00.000Z"]);
  await resetQuota(deps, { actor: ACTOR, reason: "GreyNoise lifted it" });
  assertEquals([(await check()).grade, (await check()).remaining], ["ok", 25]);
});

Deno.test("traps 4 and 32: checkQuota() of a ledger that can't be read is unknown, never full", async () => {
  const { sql, check } = await openWorld();
  await sql.query("alter table quota_ledger rename to quota_ledger_gone");
  try {
    const report = await check();
    assertEquals([report.grade, report.remaining, report.limit, report.forecast], [
      "unknown",
      null,
      null,
      "unknown",
    ]);
    assertEquals(report.error?.code, "STORE_FAILED");
    assertStringIncludes(report.message, "the quota ledger can't be read: Cannot use the database");
    assertStringIncludes(renderQuota(report), "GreyNoise quota: unknown; the quota ledger can't be read");
    assertEquals(renderQuota(report).includes("forecast"), false);
  } finally {
    await sql.query("alter table quota_ledger_gone rename to quota_ledger");
  }
});

Deno.test("checkQuota() foretells when the quota is empty at the present rate", async () => {
  const { clock, use, check } = await openWorld();
  clock.set(MIDNIGHT + 8 * MS_PER_HOUR);
  await use(1_000);
  clock.set(MIDNIGHT + 8 * MS_PER_HOUR + 9 * MS_PER_MINUTE);
  assertEquals((await check()).forecast, "unknown", "nine minutes of use say nothing");
  clock.set(MIDNIGHT + 12 * MS_PER_HOUR);
  assertEquals([(await check()).forecast, (await check()).empty_at], ["lasts", null]);
  await use(4_000);
  // 5 000 in four hours.
  assertEquals([(await check()).forecast, (await check()).empty_at], [
    "runs_out",
    "2026-11-23T16:00:00.000Z",
  ]);
  assertStringIncludes(renderQuota(await check()), "at this rate empty at 16:00 UTC");
});

Deno.test("trap 34: setQuota() and resetQuota() change what is granted, and say who, why, before and after", async () => {
  const { deps, use, check } = await openWorld();
  await use(9_500);
  const set = await setQuota(deps, { policy: { limit: 20_000, period: "day" }, actor: ACTOR });
  assertEquals([set.action, set.actor, set.reason, set.before.limit, set.after.limit], [
    "set",
    ACTOR,
    null,
    10_000,
    20_000,
  ]);
  assertEquals([(await check()).origin, (await check()).remaining], ["operator", 10_500]);
  const reset = await resetQuota(deps, { actor: ACTOR, reason: "  counted twice  " });
  assertEquals([reset.reason, reset.before.used, reset.after.used], ["counted twice", 9_500, 0]);
  assertEquals((await use(20_001)).granted, 20_000);
  const { changes } = await listQuotaChanges(deps, { limit: 10 });
  assertEquals(changes.map(({ action, actor, reason }) => [action, actor, reason]), [
    ["reset", ACTOR, "counted twice"],
    ["set", ACTOR, null],
  ]);
  assertEquals(changes[0]?.before, reset.before);
  assertEquals((await listQuotaChanges(deps, { limit: 1 })).changes, changes.slice(0, 1));
});

Deno.test("setQuota() and resetQuota() refuse what makes no sense and write nothing", async () => {
  const { deps, check } = await openWorld();
  const day = (limit: number) => ({ limit, period: "day" }) as const;
  for (const limit of [-1, 0.5, NaN, 1_000_000_001]) {
    await assertRejects(() => setQuota(deps, { policy: day(limit), actor: ACTOR }), UsageError, "limit");
  }
  for (const used of [-1, 0.5, Infinity]) {
    await assertRejects(() => setQuota(deps, { policy: day(5), used, actor: ACTOR }), UsageError, "counter");
  }
  await assertRejects(() => setQuota(deps, { policy: day(5), reason: " ", actor: ACTOR }), UsageError);
  for (const reason of ["", " \n", "x".repeat(501)]) {
    await assertRejects(() => resetQuota(deps, { reason, actor: ACTOR }), UsageError, "reason");
  }
  assertEquals((await listQuotaChanges(deps, { limit: 10 })).changes, []);
  assertEquals((await check()).limit, 10_000);
});
