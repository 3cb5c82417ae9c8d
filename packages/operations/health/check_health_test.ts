import { describeCheck, type ExpectedCheck, type Grade } from "@ipcascade/core";
import { FakeClock } from "@ipcascade/testkit";
import { assertEquals } from "@std/assert";
import { checkHealth, listChecks } from "./check_health.ts";
import { createDiskProbe } from "./disk_probe.ts";
import type { HealthProbe } from "./probe.ts";

function expect(name: string): ExpectedCheck {
  return { name, group: "system", fix: `docs/${name}.md` };
}

function probe(name: string, grade: Grade): HealthProbe {
  const check = describeCheck(expect(name), { grade, message: `${name} is ${grade}` });
  return { expected: [expect(name)], run: () => Promise.resolve([check]) };
}

const HANGING: HealthProbe = { expected: ["a", "b"].map(expect), run: () => new Promise(() => {}) };
const THROWING: HealthProbe = { expected: [expect("c")], run: () => Promise.reject(new Error("it broke")) };

Deno.test("checkHealth() reports health+json with the worst grade and what fails, the worst first", async () => {
  const clock = new FakeClock();
  const probes = [probe("x", "ok"), probe("w", "warning"), probe("i", "info"), probe("z", "critical")];
  const report = await checkHealth(probes, { clock }, { version: "1.2.3" });
  assertEquals(
    [report.status, report.grade, report.failing, report.version, report.checked_at, report.duration_ms],
    ["fail", "critical", ["z", "w"], "1.2.3", "2026-11-23T12:00:00.000Z", 0],
  );
  assertEquals(report.checks.w, [{
    status: "warn",
    observedValue: null,
    observedUnit: null,
    group: "system",
    grade: "warning",
    warning: null,
    critical: null,
    max: null,
    message: "w is warning",
    fix: null,
  }]);
  assertEquals(
    listChecks(report)[1],
    describeCheck(expect("w"), { grade: "warning", message: "w is warning" }),
  );
  assertEquals(clock.sleepers, 0, "nothing waits for the deadline any more");
});

Deno.test("checkHealth() lists the cause first among equals, and cuts messages without an end", async () => {
  const long = describeCheck(expect("x"), { grade: "unknown", message: "😀".repeat(1_000) });
  const probes = [{ expected: [], run: () => Promise.resolve([long]) }, probe("database", "unknown")];
  const report = await checkHealth([probe("z", "critical"), ...probes], { clock: new FakeClock() });
  assertEquals(report.failing, ["z", "database", "x"]);
  assertEquals(report.checks.x![0]!.message, `${"😀".repeat(499)}…`);
});

Deno.test("checkHealth() answers in time when a probe hangs, and says what the others found", async () => {
  const clock = new FakeClock();
  let isAborted = false;
  const heeding: HealthProbe = {
    expected: [expect("d")],
    run: (signal) => {
      signal.addEventListener("abort", () => isAborted = true);
      return new Promise(() => {});
    },
  };
  const checking = checkHealth([HANGING, THROWING, heeding, probe("x", "ok")], { clock }, {
    timeoutMs: 5_000,
  });
  await clock.advance(4_799);
  assertEquals(isAborted, false);
  await clock.advance(1);
  assertEquals(isAborted, true);
  await clock.advance(200);
  const report = await checking;
  assertEquals(listChecks(report).map(({ name, grade, message, fix }) => [name, grade, message, fix]), [
    ["a", "unknown", "no answer within 5 s", "docs/a.md"],
    ["b", "unknown", "no answer within 5 s", "docs/b.md"],
    ["c", "unknown", "not known: it broke", "docs/c.md"],
    ["d", "unknown", "no answer within 5 s", "docs/d.md"],
    ["x", "ok", "x is ok", null],
  ]);
  assertEquals([report.grade, report.status, report.duration_ms], ["unknown", "fail", 5_000]);
});

Deno.test("checkHealth() gives who heeds the signal, and who was kept waiting, the last word", async () => {
  const clock = new FakeClock();
  const saying = describeCheck(expect("s"), { grade: "warning", message: "silent" });
  const heeding: HealthProbe = {
    expected: [expect("s")],
    run: (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve([saying]))),
  };
  const checking = checkHealth([heeding], { clock }, { timeoutMs: 1_000 });
  await clock.advance(1_000);
  assertEquals(listChecks(await checking), [saying]);
});

Deno.test("the disk is graded by what is left, with the limits of its size", async () => {
  const clock = new FakeClock();
  const cases = [[50e9, "ok", null], [9e9, "warning", "docs/health.md#the-disk"], [
    2e9,
    "critical",
    "docs/health.md#the-disk",
  ]] as const;
  for (const [freeBytes, grade, fix] of cases) {
    const disk = createDiskProbe(() => Promise.resolve({ path: "/data", freeBytes, totalBytes: 100e9 }));
    const [check] = listChecks(await checkHealth([disk], { clock }));
    assertEquals([check!.grade, check!.fix, check!.observed], [grade, fix, freeBytes]);
    assertEquals([check!.warning, check!.critical], [{ below: 10e9 }, { below: 3e9 }]);
  }
  const broken = createDiskProbe(() => Promise.reject(new Error("EIO")));
  assertEquals((await checkHealth([broken], { clock })).grade, "unknown");
});
