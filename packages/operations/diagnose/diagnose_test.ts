import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Clock, type Grade, StoreError } from "@ipcascade/core";
import { FakeClock } from "@ipcascade/testkit";
import { diagnoseAll, diagnoseTopic, doubt, mendDiagnosis, reportDiagnosis } from "./diagnose.ts";
import { type DiagnosisTool, offerFix } from "./diagnosis.ts";
import { settleWithin } from "./settle_within.ts";

const clock = new FakeClock();

/** A tool that says one thing after the other. */
function toolOf(grades: readonly Grade[], mend?: DiagnosisTool["mend"]): DiagnosisTool {
  let looks = 0;
  return {
    diagnose: () => {
      const grade = grades[Math.min(looks++, grades.length - 1)]!;
      const fix = grade === "ok" ? null : offerFix("Mends it", "ipcascade mend");
      const verdict = { ...doubt("as told"), grade, cause: grade === "ok" ? "none" : "damaged", fix };
      return Promise.resolve(
        reportDiagnosis({ topic: "maxmind", verdict, findings: [], startedAt: 0, clock }),
      );
    },
    mend,
  };
}

function optionsOf(signal = new AbortController().signal) {
  return { timeoutMs: 1_000, signal, clock: clock as Clock };
}

Deno.test("trap 45: diagnoseTopic() of a tool that hangs is unknown when the time is over, and stops it", async () => {
  let isStopped = false;
  const hanging: DiagnosisTool = {
    diagnose: ({ signal }) => {
      signal.addEventListener("abort", () => void (isStopped = true));
      return new Promise(() => {});
    },
  };
  const looking = diagnoseTopic("maxmind", hanging, optionsOf());
  await clock.advance(1_000);
  const found = await looking;
  assertEquals([found.cause, found.grade, isStopped], ["unknown", "unknown", true]);
  assertStringIncludes(found.summary, "did not end within 1000 ms");
});

Deno.test("diagnoseTopic() gives a tool less than the whole time, and reports what it throws as unknown", async () => {
  let given = 0;
  const failing: DiagnosisTool = {
    diagnose: ({ timeoutMs }) => {
      given = timeoutMs;
      return Promise.reject(new StoreError("Cannot read the editions: disk is gone"));
    },
  };
  const found = await diagnoseTopic("maxmind", failing, optionsOf());
  assertEquals([found.grade, given], ["unknown", 900]);
  assertStringIncludes(found.summary, "Cannot diagnose maxmind: Cannot read the editions: disk is gone");
  const stopped = await diagnoseTopic(
    "maxmind",
    { diagnose: () => new Promise(() => {}) },
    optionsOf(AbortSignal.abort()),
  );
  assertStringIncludes(stopped.summary, "it was stopped");
});

Deno.test("diagnoseAll() is as bad as its worst topic; one that throws spoils no other", async () => {
  const tools = {
    maxmind: toolOf(["ok"]),
    cymru: toolOf(["critical"]),
    greynoise: { diagnose: () => Promise.reject(new Error("oops")) },
  };
  const report = await diagnoseAll(tools, optionsOf());
  assertEquals([report.operation, report.grade], ["diagnose-all", "critical"]);
  assertEquals(report.diagnoses.map(({ grade }) => grade), ["ok", "critical", "unknown"]);
  assertEquals((await diagnoseAll({ maxmind: toolOf(["ok"]) }, optionsOf())).grade, "ok");
});

Deno.test("mendDiagnosis() mends, looks again and tells both", async () => {
  const tool = toolOf(
    ["critical", "ok"],
    () => Promise.resolve({ applied: true, result: "set A serves again" }),
  );
  const mended = await mendDiagnosis(await tool.diagnose(optionsOf()), tool, optionsOf());
  assertEquals([mended.grade, mended.fix?.applied, mended.fix?.grade_after], ["critical", true, "ok"]);
  assertEquals(mended.fix?.result, "set A serves again; afterwards: ok, as told");
});

Deno.test("mendDiagnosis() that fails says why, and how it is now; without a fix it says why not", async () => {
  const tool = toolOf(["critical"], () => Promise.reject(new StoreError("Cannot write: disk full")));
  const mended = await mendDiagnosis(await tool.diagnose(optionsOf()), tool, optionsOf());
  assertEquals([mended.fix?.applied, mended.fix?.grade_after], [false, "critical"]);
  assertStringIncludes(mended.fix?.result ?? "", "it failed: Cannot write: disk full; afterwards: critical");
  const sound = toolOf(["ok"], () => Promise.reject(new Error("must not be called")));
  const untouched = await mendDiagnosis(await sound.diagnose(optionsOf()), sound, optionsOf());
  assertEquals([untouched.fix?.applied, untouched.fix?.result], [
    false,
    "nothing is wrong, so there is nothing to fix",
  ]);
});

Deno.test("settleWithin() gives what came in time, and leaves no timer behind", async () => {
  const own = new FakeClock();
  assertEquals(await settleWithin(() => Promise.resolve(7), { ms: 10, clock: own }), { ok: true, value: 7 });
  const thrown = await settleWithin(() => Promise.reject(new Error("no")), { ms: 10, clock: own });
  assertEquals(thrown, { ok: false, error: { code: "INTERNAL", message: "no" } });
  const late = settleWithin(() => new Promise(() => {}), { ms: 10, clock: own });
  await own.advance(10);
  const settled = await late;
  assert(!settled.ok && settled.error.code === "LATE");
});

Deno.test("mendDiagnosis() of what could not be found out fixes nothing, and says why", async () => {
  const gone = () => Promise.reject(new StoreError("Cannot use the database: gone"));
  const tool: DiagnosisTool = { diagnose: gone, mend: () => Promise.reject(new Error("must not be called")) };
  const found = await diagnoseTopic("cymru", tool, optionsOf());
  assertEquals(found.steps, ["See what is wrong with the database: ipcascade diagnose latency"]);
  const { fix } = await mendDiagnosis(found, tool, optionsOf());
  assertEquals([fix?.applied, fix?.grade_after], [false, null]);
  assertStringIncludes(
    fix?.result ?? "",
    "could not be found out (Cannot diagnose cymru: Cannot use the database: gone)",
  );
});
