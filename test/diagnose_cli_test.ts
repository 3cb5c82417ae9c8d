import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { openPostgresServer } from "@ipcascade/testkit";
import { openBlackhole } from "../packages/platform/testing/blackhole.ts";
import { type CliWorld, openCliWorld, spawnCli } from "./run_cli.ts";

/** Loopback alone: the defaults are hosts of the Internet. */
function referencesOf(world: CliWorld): Record<string, string> {
  return { DIAGNOSE_REFERENCES: world.lab.env.GREYNOISE_API_SERVER.replace("http://", "") };
}

async function diagnose(world: CliWorld, args: readonly string[], env: Record<string, string> = {}) {
  const result = await world.run(["diagnose", ...args, "--format", "json"], {
    env: { ...referencesOf(world), ...env },
  });
  return { ...result, report: result.stdout === "" ? null : JSON.parse(result.stdout) };
}

Deno.test("diagnose: one topic and all, in text and in JSON, with statuses 0, 1 and 3", async () => {
  await using world = await openCliWorld({ editions: false });
  const sound = await diagnose(world, ["cymru"]);
  assertEquals([sound.code, sound.report.operation, sound.report.topic, sound.report.cause], [
    0,
    "diagnose",
    "cymru",
    "none",
  ]);
  world.lab.setFault("cymruWhois", { kind: "drop" });
  const env = referencesOf(world);
  const page = await world.run(["diagnose", "cymru", "--timeout", "2"], { env });
  assertEquals(page.code, 3, page.stderr);
  assert(page.stdout.startsWith("Diagnosis of cymru: unknown, unknown; "), page.stdout);
  assertStringIncludes(page.stdout, "too short a wait to tell silent from slow");
  assertEquals(page.stdout.includes("Letter"), false);
  world.lab.clearFaults();
  const all = await world.run(["diagnose"], { env });
  assertEquals(all.code, 1, "no edition is installed");
  assertStringIncludes(all.stdout, "maxmind    critical  not_installed");
  assertStringIncludes(all.stdout, "cymru      ok        none");
  assertStringIncludes(all.stdout, "greynoise  ok        none");
  assertStringIncludes(all.stdout, "  ipcascade diagnose maxmind\n");
  assertEquals(world.lab.requests.greynoiseRequests, 0);
});

Deno.test("diagnose --fix mends and looks again, --probe says what it spends", async () => {
  await using world = await openCliWorld({ editions: false });
  for (const edition of ["GeoLite2-City", "GeoLite2-ASN"]) {
    world.lab.publish(edition, { buildEpoch: Math.floor(Date.now() / 1_000) - 86_400 });
  }
  const mended = await diagnose(world, ["maxmind", "--fix"]);
  assertEquals([mended.code, mended.report.grade, mended.report.fix.applied, mended.report.fix.grade_after], [
    0,
    "critical",
    true,
    "ok",
  ]);
  const probed = await diagnose(world, ["greynoise", "--probe"]);
  assertEquals([probed.code, probed.report.cause, world.lab.requests.greynoiseRequests], [0, "none", 1]);
  assertStringIncludes(probed.stderr, "Asking GreyNoise about 8.8.8.8: spends one request of the quota");
  const quota = await world.run(["quota", "--format", "json"]);
  assertEquals(JSON.parse(quota.stdout).used, 1);
});

Deno.test("traps 25 and 45: diagnose answers in time while the database is frozen", async () => {
  await using world = await openCliWorld({ editions: false });
  await using server = await openPostgresServer();
  const DATABASE_URL = await server.createDatabase();
  assertEquals((await diagnose(world, ["greynoise"], { DATABASE_URL })).code, 0);
  Deno.kill(server.pid, "SIGSTOP");
  try {
    const startedAt = performance.now();
    const [greynoise, cymru] = await Promise.all([
      diagnose(world, ["greynoise", "--timeout", "3"], { DATABASE_URL }),
      diagnose(world, ["cymru", "--timeout", "3"], { DATABASE_URL }),
    ]);
    assertEquals([greynoise.code, greynoise.report.cause], [1, "ledger_unreadable"]);
    assertEquals([cymru.code, cymru.report.cause], [3, "unknown"], "half a look");
    assert(performance.now() - startedAt < 12_000, `${performance.now() - startedAt} ms`);
    assertEquals((greynoise.stdout + greynoise.stderr).includes(":lab@"), false);
  } finally {
    Deno.kill(server.pid, "SIGCONT");
  }
});

Deno.test("diagnose: a signal ends the look at once, with its status", async () => {
  await using world = await openCliWorld({ editions: false });
  using hole = await openBlackhole();
  const env = { ...world.env, ...referencesOf(world), CYMRU_WHOIS_ADDR: `${hole.host}:${hole.port}` };
  const child = spawnCli(["diagnose", "cymru", "--timeout", "600"], env);
  const ending = child.output();
  while (world.lab.requests.dnsQueries === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const startedAt = performance.now();
  child.kill("SIGTERM");
  const { code, stdout } = await ending;
  assertEquals(code, 143);
  assert(performance.now() - startedAt < 5_000);
  assertStringIncludes(new TextDecoder().decode(stdout), "unknown");
});

Deno.test("diagnose: usage that makes no sense is refused with status 2 and asks nobody", async () => {
  await using world = await openCliWorld({ editions: false });
  const cases: readonly [args: readonly string[], message: string][] = [
    [["whois"], 'Cannot diagnose "whois": allowed is one of maxmind, cymru, greynoise, latency, memory'],
    [["cymru", "maxmind"], 'Cannot diagnose "maxmind"'],
    [["--fix"], "Cannot use --fix without a topic"],
    [["cymru", "--probe"], "Cannot use --probe with diagnose cymru"],
    [["--timeout", "0"], 'Cannot read --timeout "0": allowed are whole numbers from 1 to 600'],
    [["--format", "table"], 'Cannot read --format "table": allowed are text, json'],
  ];
  await Promise.all(cases.map(async ([args, message]) => {
    const { code, stdout, stderr } = await world.run(["diagnose", ...args]);
    assertEquals([code, stdout], [2, ""], args.join(" "));
    assertStringIncludes(stderr, message);
  }));
  const setting = await world.run(["diagnose"], { env: { DIAGNOSE_REFERENCES: "whois.iana.org" } });
  assertEquals(setting.code, 2);
  assertStringIncludes(setting.stderr, 'DIAGNOSE_REFERENCES "whois.iana.org"');
  assertEquals(world.lab.requests.cymruConnections, 0);
});
