import { assertEquals } from "@std/assert";
import type { QuotaReport, QuotaSnapshot } from "@ipcascade/operations";
import { renderQuota, renderQuotaHistory, renderResetQuota, renderSetQuota } from "./quota_text.ts";

const BEFORE: QuotaSnapshot = {
  source: "greynoise",
  limit: 10_000,
  period: "day",
  origin: "setting",
  since: null,
  used: 8_100,
  remaining: 1_900,
  window_starts_at: "2026-11-23T00:00:00.000Z",
  resets_at: "2026-11-24T00:00:00.000Z",
  closed_until: null,
};

const REPORT: QuotaReport = {
  operation: "check-quota",
  grade: "warning",
  message: "1900 of 10000 left (19 %), resets in 12 h 0 min",
  ...BEFORE,
  remaining_percent: 19,
  resets_in_s: 43_200,
  refresh_share: 0.8,
  refresh_limit: 8_000,
  refresh_remaining: 0,
  forecast: "runs_out",
  empty_at: "2026-11-23T17:40:12.000Z",
  checked_at: "2026-11-23T12:00:00.000Z",
  error: null,
};

const CHANGE = {
  at: "2026-11-23T12:00:00.000Z",
  actor: "alice@honeypot-1",
  reason: null,
  before: BEFORE,
} as const;

Deno.test("renderQuota() tells limit, counter, reset, share and forecast", () => {
  assertEquals(renderQuota(REPORT).split("\n"), [
    "GreyNoise quota: warning; 1900 of 10000 left (19 %), resets in 12 h 0 min",
    "  limit     10000/day, from GREYNOISE_QUOTA",
    "  used      8100, counted since 2026-11-23 00:00 UTC",
    "  resets    2026-11-24 00:00 UTC, in 12 h 0 min",
    "  refresh   up to 8000 (0.8 of the limit), 0 left",
    "  forecast  at this rate empty at 17:40 UTC",
    "",
  ]);
});

Deno.test("renderQuota() says whose word the limit is, and what becomes of it", () => {
  const since = "2026-11-20T08:15:00.000Z";
  const cases: readonly (readonly [change: Partial<QuotaReport>, line: number, text: string])[] = [
    [{ origin: "provider", since }, 1, "  limit     10000/day, taught by a 429 at 2026-11-20 08:15 UTC"],
    [{ origin: "operator", since }, 1, "  limit     10000/day, set by an operator at 2026-11-20 08:15 UTC"],
    [{ forecast: "lasts", empty_at: null }, 5, "  forecast  at this rate it lasts until the reset"],
    [{ forecast: "unknown", empty_at: null }, 5, "  forecast  not in use for long enough to tell"],
    [
      { empty_at: "2026-11-25T03:05:00.000Z" },
      5,
      "  forecast  at this rate empty at 2026-11-25 03:05 UTC",
    ],
    [{ forecast: "empty", empty_at: null }, 5, ""],
    [
      { forecast: "empty", empty_at: null, closed_until: "2026-11-24T00:00:00.000Z" },
      5,
      '  "ipcascade quota reset --reason …" lifts the closing',
    ],
  ];
  for (const [change, line, text] of cases) {
    assertEquals(renderQuota({ ...REPORT, ...change }).split("\n")[line], text);
  }
});

Deno.test("renderSetQuota() tells both limits, and a closing that stays", () => {
  const set = { operation: "set-quota", status: "done", action: "set", ...CHANGE } as const;
  const after = { ...BEFORE, limit: 20_000, remaining: 11_900 };
  assertEquals(
    renderSetQuota({ ...set, after }),
    "GreyNoise quota is 20000/day (was 10000/day), set by alice@honeypot-1\n" +
      "  8100 used, 11900 of 20000 left until 2026-11-24 00:00 UTC\n",
  );
  const monthly = {
    ...after,
    period: "month",
    remaining: 0,
    closed_until: "2026-11-24T00:00:00.000Z",
  } as const;
  assertEquals(renderSetQuota({ ...set, after: monthly }).split("\n").slice(2), [
    '  closed by a 429 until 2026-11-24 00:00 UTC; "ipcascade quota reset --reason …" lifts it',
    '  if more was sent in it, "--used N" sets the counter',
    "",
  ]);
});

Deno.test("renderResetQuota() tells the counter before, and a closing that is lifted", () => {
  const reset = { operation: "reset-quota", status: "done", action: "reset", ...CHANGE } as const;
  const after = { ...BEFORE, used: 0, remaining: 10_000 };
  const before = { ...BEFORE, closed_until: "2026-11-24T00:00:00.000Z" };
  assertEquals(
    renderResetQuota({ ...reset, before, after }).split("\n")[0],
    "GreyNoise quota counter is 0 (was 8100), and the closing until 2026-11-24T00:00:00.000Z is lifted, " +
      "reset by alice@honeypot-1",
  );
  assertEquals(
    renderResetQuota({ ...reset, after }).split("\n")[0],
    "GreyNoise quota counter is 0 (was 8100), reset by alice@honeypot-1",
  );
});

Deno.test("renderQuotaHistory() shows what changed, and makes reasons safe to show", () => {
  assertEquals(
    renderQuotaHistory({ operation: "list-quota-changes", changes: [] }),
    "Nothing happened to the quota yet\n",
  );
  const after = { ...BEFORE, used: 0, remaining: 10_000 };
  const changes = [{ action: "reset", ...CHANGE, reason: "wrong\x1b[2J", after } as const];
  assertEquals(renderQuotaHistory({ operation: "list-quota-changes", changes }).split("\n"), [
    "AT                    WHAT   WHO               LIMIT      USED       REASON",
    "2026-11-23T12:00:00Z  reset  alice@honeypot-1  10000/day  8100 -> 0  wrong·[2J",
    "",
  ]);
});
