import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { MS_PER_DAY, UsageError } from "@ipcascade/core";
import {
  type CoverageDeps,
  type CoverageReport,
  lastMonth,
  listCoverage,
  type NoCoverageReport,
  reportCoverage,
  snapshotCoverage,
} from "@ipcascade/operations";
import { createSqlCoverageStore, createSqlJobRuns, createSqlQuotaLedger } from "@ipcascade/store";
import { FakeClock } from "@ipcascade/testkit";
import { openSharedPglite } from "./cascade_world.ts";

const at = (day: string, time = "23:55:00Z") => Date.parse(`${day}T${time}`);

/** An empty database at the end of 2026-09-30. */
async function openWorld() {
  const sql = await openSharedPglite();
  const clock = new FakeClock();
  clock.set(at("2026-09-30"));
  const runs = createSqlJobRuns(sql);
  const quota = createSqlQuotaLedger({ sql, policies: { greynoise: { limit: 100, period: "day" } } });
  const deps = { coverage: createSqlCoverageStore(sql), jobRuns: runs, quota, clock } satisfies CoverageDeps;
  let next = 0;
  const add = async (count: number, columns = "", values = "") => {
    for (let index = 0; index < count; index++, next++) {
      await sql.query(
        `insert into ip_inventory (ip_address${columns}) values ('23.5.${next >> 8}.${next & 255}'${values})`,
      );
    }
  };
  const addKnown = (count: number) =>
    add(count, ", asn_number, asn_org, asn_source, geo_country", ", 64500, 'One', 'maxmind', 'DE'");
  return { sql, clock, deps, runs, quota, add, addKnown };
}

function done(report: CoverageReport | NoCoverageReport): CoverageReport {
  assert(report.status === "done", report.message);
  return report;
}

Deno.test("reportCoverage() of an empty inventory divides by nothing", async () => {
  const { deps } = await openWorld();
  const report = done(await reportCoverage(deps));
  assertEquals([report.denominator.addresses, report.asn, report.geo.percent], [
    0,
    { addresses: 0, percent: null },
    null,
  ]);
  assertEquals([report.top_asns, report.top_countries, report.change, report.jobs], [[], [], null, []]);
  assertEquals(report.scanner_classes.map(({ percent }) => percent), new Array(7).fill(null));
  assertEquals([report.basis.kind, report.period.is_complete, report.trend.length], [
    "measurement",
    false,
    1,
  ]);
});

Deno.test("reportCoverage() of one row is all of it", async () => {
  const { deps, addKnown } = await openWorld();
  await addKnown(1);
  const report = done(await reportCoverage(deps, { month: "2026-09" }));
  assertEquals([report.asn, report.geo.percent], [{ addresses: 1, percent: 100 }, 100]);
  assertEquals(report.top_asns, [{ asn_number: 64500, asn_org: "One", addresses: 1, percent: 100 }]);
  assertEquals(report.countries, { DE: 1 });
  assertEquals(report.message, "The month to date, measured 2026-09-30 23:55 UTC");
});

Deno.test("trap 37: reportCoverage() of a past month reads the same a week later, whatever happened since", async () => {
  const { clock, deps, runs, quota, add, addKnown } = await openWorld();
  await addKnown(3);
  await snapshotCoverage(deps);
  clock.set(at("2026-10-30"));
  await add(1);
  await snapshotCoverage(deps);
  clock.set(at("2026-10-31"));
  await quota.reserve("greynoise", 20, clock.now());
  const start = { trigger: "timer", actor: "a@b", startedAt: clock.now() } as const;
  const end = { counts: {}, error: null, message: null } as const;
  const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
  for (const n of [1, 2]) await runs.start({ ...start, id: id(n), job: "back-up" });
  await runs.end(id(1), { ...end, outcome: "failed", endedAt: clock.now() + 1 });
  await snapshotCoverage(deps);
  await addKnown(1);
  clock.set(at("2026-10-31", "23:59:00Z"));
  await snapshotCoverage(deps);

  clock.set(at("2026-11-01", "09:00:00Z"));
  const first = done(await reportCoverage(deps, { month: lastMonth(clock.now()) }));
  await addKnown(5);
  await snapshotCoverage(deps);
  await runs.end(id(2), { ...end, outcome: "succeeded", endedAt: clock.now() });
  clock.set(clock.now() + 7 * MS_PER_DAY);
  assertEquals(await reportCoverage(deps, { month: "2026-10" }), first);
  assertEquals(await reportCoverage(deps), first, "the newest complete month is what people get");

  assertEquals([first.period.month, first.basis.day, first.basis.is_last_day], [
    "2026-10",
    "2026-10-31",
    true,
  ]);
  assertEquals([first.denominator.addresses, first.asn], [5, { addresses: 4, percent: 80 }]);
  assertEquals(first.change, {
    month: "2026-09",
    day: "2026-09-30",
    addresses: 2,
    with_asn: 1,
    with_geo: 1,
    scanners: 0,
    riot: 0,
    asn_points: -20,
    geo_points: -20,
  });
  assertEquals(first.trend.map(({ day, asn_percent }) => [day, asn_percent]), [["2026-10-30", 75], [
    "2026-10-31",
    80,
  ]]);
  assertEquals([first.quota.limit, first.quota.used, first.quota.used_percent], [100, 20, 20]);
  assertEquals(first.jobs.map(({ job, runs, failed, unfinished }) => [job, runs, failed, unfinished]), [
    ["back-up", 2, 1, 1],
  ]);
});

Deno.test("reportCoverage() says which day a month's last snapshot is of", async () => {
  const { clock, deps } = await openWorld();
  clock.set(at("2026-10-12"));
  await snapshotCoverage(deps);
  clock.set(at("2026-11-08"));
  const report = done(await reportCoverage(deps));
  assertEquals(report.basis.is_last_day, false);
  assertStringIncludes(report.message, "that of 2026-10-12");
});

Deno.test("reportCoverage() of a month without a snapshot says so, and what there is", async () => {
  const { clock, deps } = await openWorld();
  const none = await reportCoverage(deps, { month: "2026-08" });
  assertEquals([none.status, none.period.month], ["no_data", "2026-08"]);
  assertStringIncludes(none.message, "no complete month has one");
  await snapshotCoverage(deps);
  clock.set(at("2026-11-08"));
  assertStringIncludes((await reportCoverage(deps, { month: "2026-10" })).message, "is 2026-09");
});

Deno.test("reportCoverage() leaves out a snapshot that can't be read, and says what to do", async () => {
  const { sql, clock, deps, addKnown } = await openWorld();
  for (const day of ["2026-10-29", "2026-10-30", "2026-10-31"]) {
    clock.set(at(day));
    await addKnown(1);
    await snapshotCoverage(deps);
  }
  clock.set(at("2026-11-08"));
  await sql.query("update coverage_snapshot set figures = '{}' where day = '2026-10-31'");
  await sql.query("update coverage_snapshot set version = 99 where day = '2026-10-29'");
  const report = done(await reportCoverage(deps));
  clock.set(at("2026-12-08"));
  assertEquals(done(await reportCoverage(deps)), report);
  assertEquals([report.basis.day, report.trend.map(({ day }) => day)], ["2026-10-30", ["2026-10-30"]]);
  assertEquals(report.left_out.map(({ day }) => day), ["2026-10-29", "2026-10-31"]);
  assertStringIncludes(report.left_out[0]!.message, "version 99, known is 1. Update ipcascade");
  clock.set(at("2026-11-30"));
  await snapshotCoverage(deps);
  clock.set(at("2026-12-08"));
  await sql.query("update coverage_snapshot set version = 99 where day = '2026-11-30'");
  const older = done(await reportCoverage(deps));
  assertEquals([older.period.month, older.left_out.at(-1)?.day], ["2026-10", "2026-11-30"]);
  assertEquals(done(await reportCoverage(deps, { month: "2026-10" })), report);
  await sql.query("update coverage_snapshot set version = 99");
  const none = await reportCoverage(deps, { month: "2026-10" });
  assertEquals([none.status, none.left_out.length], ["no_data", 3]);
  assertStringIncludes(none.message, "none of its snapshots can be read");
  assertStringIncludes(none.message, "The snapshot of 2026-10-31");
});

Deno.test("reportCoverage() of the present month takes a fresh measurement over the day's snapshot", async () => {
  const { clock, deps, addKnown } = await openWorld();
  clock.set(at("2026-10-02"));
  await snapshotCoverage(deps);
  clock.set(at("2026-10-03", "08:00:00Z"));
  await snapshotCoverage(deps);
  await addKnown(2);
  clock.set(at("2026-10-03", "12:00:00Z"));
  const report = done(await reportCoverage(deps, { month: "2026-10" }));
  assertEquals(report.trend.map(({ day, addresses }) => [day, addresses]), [["2026-10-02", 0], [
    "2026-10-03",
    2,
  ]]);
});

Deno.test("reportCoverage() refuses months to come and what is none", async () => {
  const { deps } = await openWorld();
  for (const month of ["2026-10", "9999-12", "2026-99", "October", ""]) {
    await assertRejects(() => reportCoverage(deps, { month }), UsageError, "allowed");
  }
});

Deno.test("snapshotCoverage() keeps the latest of a day, and tells what it kept", async () => {
  const { clock, deps, addKnown } = await openWorld();
  await snapshotCoverage(deps);
  await addKnown(4);
  clock.set(at("2026-09-30", "23:59:00Z"));
  const report = await snapshotCoverage(deps);
  assertEquals(report, {
    operation: "snapshot-coverage",
    status: "done",
    day: "2026-09-30",
    measured_at: "2026-09-30T23:59:00.000Z",
    is_kept: true,
    addresses: 4,
    asn_percent: 100,
    geo_percent: 100,
  });
  const kept = await deps.coverage.list({ before: "2027-01-01" });
  assertEquals(kept.map(({ day, figures }) => [day, figures.addresses]), [["2026-09-30", 4]]);
  clock.set(at("2026-09-30", "23:58:00Z"));
  assertEquals((await snapshotCoverage(deps)).is_kept, false, "a clock that was set back changes nothing");
});

Deno.test("listCoverage() gives the newest snapshot and the days asked for, and measures nothing", async () => {
  const { clock, deps, addKnown } = await openWorld();
  assertEquals((await listCoverage(deps, { days: 30 })).newest, null);
  for (const day of ["2026-09-30", "2026-10-01", "2026-10-02"]) {
    clock.set(at(day));
    await addKnown(1);
    await snapshotCoverage(deps);
  }
  await addKnown(5);
  const { newest, trend, since, until } = await listCoverage(deps, { days: 2 });
  assertEquals([since, until, newest?.day, newest?.denominator.addresses], [
    "2026-10-01",
    "2026-10-02",
    "2026-10-02",
    3,
  ]);
  assertEquals(trend.map(({ day, addresses }) => `${day} ${addresses}`), ["2026-10-01 2", "2026-10-02 3"]);
});

Deno.test("listCoverage() gives an old snapshot when there is none of these days", async () => {
  const { clock, deps, addKnown } = await openWorld();
  await addKnown(1);
  await snapshotCoverage(deps);
  clock.set(at("2026-11-30"));
  const { newest, trend } = await listCoverage(deps, { days: 30 });
  assertEquals([newest?.day, trend], ["2026-09-30", []]);
});
