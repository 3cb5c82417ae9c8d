import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Diagnosis } from "@ipcascade/operations";
import { renderDiagnosis, renderDiagnosisOverview } from "./diagnosis_text.ts";

const DIAGNOSIS: Diagnosis = {
  operation: "diagnose",
  topic: "maxmind",
  grade: "critical",
  cause: "damaged",
  summary: "set A is damaged; set B is kept and sound",
  findings: [
    { check: "serving", grade: "critical", message: "set A: broken", observed: null, unit: null },
    { check: "edition", grade: "ok", message: "City: fresh", observed: 1, unit: "days" },
    { check: "quota", grade: "ok", message: "enough", observed: 1, unit: "requests left" },
    { check: "open", grade: "ok", message: "fast", observed: 1, unit: "ms" },
  ],
  steps: ["Switch: ipcascade editions recover", "Look for the reason"],
  fix: {
    description: "Switches to the newest kept set that verifies",
    command: "ipcascade editions recover",
    applied: false,
    result: null,
    grade_after: null,
  },
  letter: "To: somebody@example.com\n\nHello,\nworld",
  checked_at: "2026-11-23T12:00:00.000Z",
  duration_ms: 12,
};

Deno.test("renderDiagnosis() tells cause, evidence, numbered steps, fix and letter in this order", () => {
  assertEquals(
    renderDiagnosis(DIAGNOSIS),
    `Diagnosis of maxmind: critical, damaged; set A is damaged; set B is kept and sound

Evidence
  CHECK    GRADE     OBSERVED
  serving  critical  –               set A: broken
  edition  ok        1 day           City: fresh
  quota    ok        1 request left  enough
  open     ok        1 ms            fast

Steps
  1. Switch: ipcascade editions recover
  2. Look for the reason

Fix
  Switches to the newest kept set that verifies
  The same as: ipcascade editions recover
  --fix does it

Letter
  To: somebody@example.com

  Hello,
  world
`,
  );
});

Deno.test("renderDiagnosis() leaves out what there is not, tells what a fix did, and steers no terminal", () => {
  const sound = {
    ...DIAGNOSIS,
    grade: "ok",
    cause: "none",
    summary: "all is sound",
    findings: [],
    steps: [],
    fix: null,
    letter: null,
  } as const;
  assertEquals(renderDiagnosis(sound), "Diagnosis of maxmind: ok, nothing is wrong; all is sound\n");
  const fix = { ...DIAGNOSIS.fix!, applied: true, result: "set B serves again", grade_after: "ok" } as const;
  assertStringIncludes(renderDiagnosis({ ...DIAGNOSIS, fix }), "  Done: set B serves again\n");
  const failed = { ...fix, applied: false, result: "it failed: disk full" };
  assertStringIncludes(renderDiagnosis({ ...DIAGNOSIS, fix: failed }), "  Not done: it failed: disk full\n");
  const itself = { ...fix, command: null, description: "Nothing was fixed", applied: false, result: "sound" };
  assertStringIncludes(
    renderDiagnosis({ ...DIAGNOSIS, fix: itself, letter: null }),
    "\nFix\n  Nothing was fixed\n  Not done: sound\n",
  );
  const steering = renderDiagnosis({ ...DIAGNOSIS, summary: "a\x1b[2Jb", letter: "c\x1bd" });
  assertEquals(steering.includes("\x1b"), false);
});

Deno.test("renderDiagnosisOverview() has a line for each topic, and the next command for the faulty ones", () => {
  const sound = { ...DIAGNOSIS, topic: "cymru", grade: "ok", cause: "none", summary: "fine" } as const;
  const overview = {
    operation: "diagnose-all",
    grade: "critical",
    diagnoses: [DIAGNOSIS, sound],
    checked_at: DIAGNOSIS.checked_at,
    duration_ms: 12,
  } as const;
  assertEquals(
    renderDiagnosisOverview(overview),
    `Diagnosis: critical
TOPIC    GRADE     CAUSE
maxmind  critical  damaged  set A is damaged; set B is kept and sound
cymru    ok        none     fine
Evidence and steps:
  ipcascade diagnose maxmind
`,
  );
});
