import type { QuotaPolicy, QuotaStatus } from "@ipcascade/core";
import { FakeClock } from "@ipcascade/testkit";
import { assertEquals } from "@std/assert";
import { checkQuota } from "../quota/check_quota.ts";
import { observeQuota } from "./observe_quota.ts";

const MONDAY = Date.parse("2027-03-08T00:00:00Z");
const POLICY: QuotaPolicy = { limit: 25, period: "week" };

/** The grade that is told on a Sunday morning when so much was used since an instant of that week. */
async function observe(used: number, firstUsedAt: string): Promise<string> {
  const status: QuotaStatus = {
    source: "greynoise",
    policy: POLICY,
    origin: "provider",
    since: MONDAY,
    window: { startsAt: MONDAY, endsAt: Date.parse("2027-03-15T00:00:00Z") },
    used,
    remaining: POLICY.limit - used,
    closedUntil: null,
    firstUsedAt: Date.parse(firstUsedAt),
    usedBefore: 0,
  };
  const ledger = { read: () => Promise.resolve(status), reserve: unused, release: unused, close: unused };
  const clock = new FakeClock("2027-03-14T04:00:00Z");
  return observeQuota(await checkQuota({ ledger, clock }, { refreshShare: 0.8 })).grade;
}

function unused(): never {
  throw new Error("Cannot be called: nothing is asked");
}

Deno.test("observeQuota() tells of little that will not last, and of next to nothing", async () => {
  assertEquals(await observe(21, "2027-03-08T00:10:00Z"), "info", "a week's use, twenty hours are left");
  assertEquals(await observe(21, "2027-03-13T22:00:00Z"), "warning", "six hours' use, twenty are left");
  assertEquals(await observe(23, "2027-03-08T00:10:00Z"), "critical", "less than a tenth");
  assertEquals(await observe(20, "2027-03-13T22:00:00Z"), "ok", "a fifth");
});
