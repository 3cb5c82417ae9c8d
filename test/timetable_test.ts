import { assertEquals } from "@std/assert";
import { JOB_NAMES, JOB_SCHEDULES, type JobName } from "@ipcascade/core";
import { watchCrons } from "./cron_watch.ts";
import { faketimeTest } from "./faketime.ts";

/** A minute in UTC, what the runbook's heading (or the page of the job) says about it, and the jobs that start then. */
const TIMETABLE: readonly [minute: string, why: string, jobs: readonly JobName[]][] = [
  ["2026-11-29T01:00Z", "Backup: 1 AM daily, Sunday too", ["back-up"]],
  ["2026-11-30T01:00Z", "Backup: 1 AM daily", ["back-up"]],
  ["2026-11-29T02:00Z", "MaxMind Database Update: Sunday 2 AM", ["update-editions"]],
  ["2026-11-30T02:00Z", "the update is not on Monday, which is 1 to cron and 2 to Deno", []],
  ["2026-11-28T02:00Z", "nor on Saturday, which is 6 to cron and 7 to Deno", []],
  ["2026-11-29T03:00Z", "Refresh Stale Data: Sunday 3 AM", ["refresh-stale"]],
  ["2026-11-30T03:00Z", "the refresh is not on Monday", []],
  ["2026-11-29T04:00Z", "Quota Monitoring: every 4 hours", ["check-quota"]],
  ["2026-11-30T00:00Z", "Quota Monitoring: every 4 hours, from midnight", ["check-quota"]],
  ["2026-11-30T20:00Z", "Quota Monitoring: every 4 hours, to the evening", ["check-quota"]],
  ["2026-11-30T11:00Z", "the quota is not looked at every hour", []],
  ["2026-11-30T04:04Z", "nor every four minutes", []],
  ["2026-11-29T04:30Z", "old editions and backups go every day", ["prune"]],
  ["2026-11-29T05:00Z", "missing ASNs are asked for after the refresh", ["backfill-asn"]],
  ["2026-11-30T06:00Z", "Morning Health Check: every day", ["check-health"]],
  ["2026-11-30T18:00Z", "the health check is not in the evening", []],
  ["2026-12-01T09:00Z", "Enrichment Coverage Report: 1st day of month, 9 AM", ["report-coverage"]],
  ["2026-11-01T09:00Z", "Enrichment Coverage Report: also where the 1st is a Sunday", ["report-coverage"]],
  ["2026-12-02T09:00Z", "the report is not on the 2nd", []],
  ["2026-11-29T09:00Z", "the report is not on a Sunday", []],
  ["2026-11-30T23:55Z", "the day's coverage is kept before midnight", ["snapshot-coverage"]],
];

Deno.test({
  ...faketimeTest(
    "traps 1 and 2: every default line means what the runbook says, seen by what fires on this Deno",
  ),
  async fn() {
    const seen = await Promise.all(TIMETABLE.map(([minute]) => watchCrons(JOB_SCHEDULES, minute)));
    for (const [i, [minute, why, jobs]] of TIMETABLE.entries()) {
      assertEquals(seen[i], { fired: jobs, refused: [] }, `${minute}: ${why}`);
    }
  },
});

Deno.test("the timetable has every job that is on", () => {
  const seen = new Set(TIMETABLE.flatMap(([, , jobs]) => jobs));
  assertEquals([...seen].sort(), JOB_NAMES.filter((job) => JOB_SCHEDULES[job] !== null).sort());
});
