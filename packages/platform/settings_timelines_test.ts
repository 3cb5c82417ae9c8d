import { assertEquals, assertStringIncludes } from "@std/assert";
import { findIdleReason, TIMELINE_SETTINGS } from "./settings_timelines.ts";

Deno.test("findIdleReason() lets jobs run off Deno Deploy and on the production timeline", () => {
  const cases: readonly [allowed: readonly string[], env: Record<string, string>][] = [
    [["production"], {}],
    [["production"], { DENO_DEPLOY: "", DENO_TIMELINE: " " }],
    [["production"], { DENO_DEPLOY: "true", DENO_TIMELINE: "production" }],
    [["production"], { DENO_DEPLOY: "1", DENO_TIMELINE: " Production " }],
    [["git-branch/staging"], { DENO_DEPLOY: "true", DENO_TIMELINE: "git-branch/Staging" }],
    [["git-branch"], { DENO_DEPLOY: "true", DENO_TIMELINE: "git-branch/feature/x" }],
    [["all"], { DENO_DEPLOY: "true", DENO_TIMELINE: "preview/abc123" }],
    [["all"], { DENO_DEPLOY: "true" }],
  ];
  for (const [allowed, env] of cases) assertEquals(findIdleReason(allowed, env), null, JSON.stringify(env));
});

Deno.test("findIdleReason() says where no jobs run, and which setting has it so", () => {
  const cases: readonly [allowed: readonly string[], env: Record<string, string>, reason: string][] = [
    [
      ["production"],
      { DENO_DEPLOY: "true", DENO_TIMELINE: "git-branch/main" },
      'the timeline "git-branch/main"',
    ],
    [["production"], { DENO_TIMELINE: "preview/abc123" }, 'the timeline "preview/abc123"'],
    [["production"], { DENO_DEPLOY: "true" }, "a timeline without a name"],
    [["git-branch/st"], { DENO_DEPLOY: "true", DENO_TIMELINE: "git-branch/staging" }, "git-branch/staging"],
    [["git-branch"], { DENO_DEPLOY: "true", DENO_TIMELINE: "production" }, 'the timeline "production"'],
  ];
  for (const [allowed, env, reason] of cases) {
    const found = findIdleReason(allowed, env) ?? "";
    assertStringIncludes(found, reason);
    assertStringIncludes(found, "(SCHEDULE_TIMELINES)");
  }
});

Deno.test("SCHEDULE_TIMELINES is a list of names with commas between them", () => {
  const { read } = TIMELINE_SETTINGS.scheduleTimelines;
  const context = { home: null };
  assertEquals(read("Production, git-branch/staging", context), {
    ok: true,
    value: ["production", "git-branch/staging"],
  });
  assertEquals(read("ALL", context), { ok: true, value: ["all"] });
  assertEquals(read("git-branch, Preview/Abc,preview", context), {
    ok: true,
    value: ["git-branch", "preview/abc", "preview"],
  });
  for (const text of ["production staging", ",", "git-branch/", "production/x"]) {
    assertEquals(read(text, context).ok, false, text);
  }
  const reading = read("production,prod", context);
  assertStringIncludes(reading.ok ? "" : reading.allowed, '"prod" is none of them');
});
