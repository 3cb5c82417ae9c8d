import { describeCheck, type Grade, type HealthCheck, type HealthGroup } from "@ipcascade/core";
import { checkHealth } from "@ipcascade/operations";
import { FakeClock } from "@ipcascade/testkit";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { renderHealthNagios } from "./health_nagios.ts";
import { renderHealth } from "./health_text.ts";

function check(
  name: string,
  group: HealthGroup,
  grade: Grade,
  fields: Partial<HealthCheck> = {},
): HealthCheck {
  return describeCheck({ name, group }, { grade, message: `${name} is ${grade}`, ...fields });
}

function report(...checks: readonly HealthCheck[]) {
  return checkHealth([{ expected: [], run: () => Promise.resolve(checks) }], { clock: new FakeClock() });
}

const SICK = report(
  check("edition_city", "editions", "ok", {
    observed: 3.2,
    unit: "d",
    warning: { above: 14 },
    message: "City: fresh",
  }),
  check("coverage", "inventory", "warning", {
    observed: 94.99,
    unit: "%",
    warning: { below: 95 },
    critical: { below: 90 },
    max: 100,
    message: "94.99 % | less\x1b[31m",
    fix: "ipcascade backfill",
  }),
  check("job_back_up", "jobs", "ok", { observed: "succeeded" }),
  check("job_check_quota", "jobs", "ok", { observed: "succeeded" }),
  check("cymru_stale", "inventory", "ok", { observed: 0 }),
  check("greynoise_stale", "inventory", "ok", { observed: 0 }),
  check("circuit_cymru", "sources", "unknown", { message: "gone", fix: "docs/x.md" }),
  check("circuit_maxmind", "sources", "unknown", { message: "gone", fix: "docs/x.md" }),
  check("edition_asn", "editions", "critical", {
    message: "not installed",
    fix: "ipcascade editions update",
  }),
);

Deno.test("renderHealth() tells what is wrong first, with what mends it, and joins what says the same", async () => {
  assertEquals(
    renderHealth(await SICK),
    `ipcascade health: critical, 2026-11-23 12:00 UTC, 0 ms

  critical  edition_asn: not installed
            -> ipcascade editions update

  unknown   circuit_cymru, circuit_maxmind: gone
            -> docs/x.md

  warning   coverage: 94.99 % | less·[31m
            -> ipcascade backfill

Editions
  ok        City: fresh

Inventory
  ok        cymru-stale 0, greynoise-stale 0

Jobs
  ok        back-up, check-quota
`,
  );
});

Deno.test("renderHealth() writes what is 0 minutes old as a sentence, as an age counts nothing", async () => {
  const message = "the newest verified backup is 0 minutes old, of 2026-11-26 12:00 UTC";
  const page = renderHealth(
    await report(check("backup", "system", "ok", { observed: 0, unit: "h", message })),
  );
  assertStringIncludes(page, `\nSystem\n  ok        backup: ${message}\n`);
});

Deno.test("renderHealth() uses colours when told to", async () => {
  const page = renderHealth(await SICK, { colour: true });
  assertStringIncludes(page, "\x1b[1;31mcritical\x1b[0m  edition_asn");
  assertStringIncludes(page, "\x1b[33mwarning\x1b[0m   coverage");
});

Deno.test("renderHealthNagios() puts state, text and performance data on the first line", async () => {
  const [first, ...rest] = renderHealthNagios(await SICK).split("\n");
  assertEquals(
    first,
    "IPCASCADE CRITICAL - edition_asn: not installed; circuit_cymru, circuit_maxmind: gone; " +
      "coverage: 94.99 % ¦ less·[31m | 'edition_city'=3.2;14;;0; 'coverage'=94.99%;95:;90:;0;100 " +
      "'cymru_stale'=0;;;0; 'greynoise_stale'=0;;;0;",
  );
  assertEquals(rest[0], "CRITICAL edition_asn: not installed [ipcascade editions update]");
  assertEquals(rest.length, 5);
});

Deno.test("renderHealthNagios() knows the four states", async () => {
  const states: readonly [Grade, string][] = [
    ["ok", "OK"],
    ["info", "OK"],
    ["warning", "WARNING"],
    ["unknown", "UNKNOWN"],
    ["critical", "CRITICAL"],
  ];
  for (const [grade, state] of states) {
    const text = renderHealthNagios(await report(check("x", "system", grade, { observed: "none" })));
    assertMatch(text, new RegExp(`^IPCASCADE ${state} - [^|]+\n`));
  }
});

const NOT_KNOWN = "not known: the database can't be used";
const HUNG = report(
  check("greynoise_quota", "sources", "unknown", { message: NOT_KNOWN, fix: "docs/x.md" }),
  ...Array.from(
    { length: 18 },
    (_, n) => check(`job_${n}`, "jobs", "unknown", { message: NOT_KNOWN, fix: "docs/x.md" }),
  ),
  check("backup", "system", "warning", { message: "m".repeat(3_000), fix: "docs/x.md" }),
  check("database", "system", "unknown", { message: "no answer within 5 s", fix: "docs/x.md" }),
);

Deno.test("renderHealthNagios() tells the cause first and what says the same once", async () => {
  const [first] = renderHealthNagios(await HUNG).split("\n");
  assertEquals(
    first,
    `IPCASCADE UNKNOWN - database: no answer within 5 s; greynoise_quota, job_0 and 17 more: ${NOT_KNOWN}; ` +
      `backup: ${"m".repeat(119)}…`,
  );
});

Deno.test("renderHealthNagios() keeps its first text below 500 characters, whatever fails", async () => {
  const many = Array.from(
    { length: 40 },
    (_, n) => check(`job_${n}`, "jobs", "warning", { message: `${n} | ${"x".repeat(3_000)}` }),
  );
  const [first, second] = renderHealthNagios(await report(...many)).split("\n");
  assertMatch(first!, /^IPCASCADE WARNING - job_0: 0 ¦ x+…; job_1: .*…; job_2: [^;]*…; and 37 more$/);
  assert(first!.length <= 500, `${first!.length}`);
  assert(second!.length < 450, `${second!.length}`);
});

Deno.test("renderHealth() tells the cause first, cuts long messages and writes instants to the minute", async () => {
  const page = renderHealth(await HUNG);
  const [cause, effects, long] = page.split("\n").filter((line) => /^ {2}\w/.test(line));
  assertEquals(cause, "  unknown   database: no answer within 5 s");
  assertStringIncludes(effects!, `greynoise_quota, job_0, job_1, `);
  assertEquals(long, `  warning   backup: ${"m".repeat(199)}…`);
  const closed = check("greynoise_quota", "sources", "critical", {
    message: "closed until 2026-11-27T00:00:00.000Z, in 6 h",
  });
  assertStringIncludes(renderHealth(await report(closed)), "closed until 2026-11-27 00:00 UTC, in 6 h");
});

Deno.test("renderHealth() says what a check of the system is about", async () => {
  const page = renderHealth(await report(check("backup", "system", "info", { message: "nothing yet" })));
  assertStringIncludes(page, "  info      backup: nothing yet");
});

Deno.test("renderHealth() says which machine it is where told to, and who is told of faults", async () => {
  const alerts = check("alerts", "system", "ok", { observed: 0, unit: "not told", message: "told by mail" });
  const page = renderHealth(await report(alerts), { colour: false, host: "pot-1\x1b" });
  assertMatch(
    page,
    /^ipcascade health: ok, .*\n {2}Host {6}pot-1.?\n\nSystem\n {2}ok {8}alerts: told by mail\n$/,
  );
  assert(!page.includes("\x1b"));
});
