import { assert, assertEquals, assertMatch } from "@std/assert";
import { openPostgresServer } from "@ipcascade/testkit";
import { openCliWorld } from "./run_cli.ts";

/** The command, and what it reports. */
async function check(world: Awaited<ReturnType<typeof openCliWorld>>, url: string, args: readonly string[]) {
  const startedAt = performance.now();
  const result = await world.run(["health", "--format", "json", ...args], { env: { DATABASE_URL: url } });
  return { ...result, ms: performance.now() - startedAt, report: JSON.parse(result.stdout) };
}

Deno.test("trap 45: health answers within 6 s when the database and every provider hang", async () => {
  await using world = await openCliWorld();
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  assertEquals((await world.run(["quota"], { env: { DATABASE_URL: url } })).code, 0);
  const help = await world.run(["health", "--help"]);
  assertMatch(help.stdout, /--timeout <s> +Seconds for all checks together, 1 to 300 \(default: 5\)/);
  const well = await check(world, url, []);
  assertEquals(well.report.checks.database[0].grade, "ok");
  for (const provider of ["cymruWhois", "cymruDns", "greynoise", "maxmind"] as const) {
    world.lab.setFault(provider, { kind: "drop" });
  }
  Deno.kill(server.pid, "SIGSTOP");
  try {
    const hung = await check(world, url, ["--probe"]);
    const gradeOf = (name: string) => hung.report.checks[name][0].grade;
    assertEquals([hung.code, hung.report.grade, hung.report.status], [3, "unknown", "fail"]);
    assertEquals([gradeOf("database"), gradeOf("coverage"), gradeOf("probe_cymru")], [
      "unknown",
      "unknown",
      "warning",
    ]);
    // What does not hang is graded as ever.
    assertEquals(hung.report.checks.edition_city[0], well.report.checks.edition_city[0]);
    assertEquals(gradeOf("disk_free"), well.report.checks.disk_free[0].grade);
    // The start of a program takes its time on a busy machine, as it did before.
    assert(
      hung.ms - well.ms < 6_000,
      `${Math.round(hung.ms)} ms, and ${Math.round(well.ms)} ms when all is well`,
    );
  } finally {
    Deno.kill(server.pid, "SIGCONT");
  }
});
