import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openCliWorld } from "./run_cli.ts";

Deno.test("profile: a waterfall, a report, its price beforehand, and a status that tells of failures", async () => {
  await using world = await openCliWorld();
  const first = await world.run(["profile", "8.8.8.8", "--format", "json"]);
  const report = JSON.parse(first.stdout);
  assertEquals([first.code, report.operation, report.asked, report.quota_spent], [
    0,
    "profile",
    ["maxmind", "greynoise"],
    1,
  ]);
  const page = await world.run(["profile", "8.8.8.8"]);
  assertEquals([page.code, page.stderr], [0, ""]);
  assertMatch(
    page.stdout,
    /^Profile of 8\.8\.8\.8: .*no source was asked, so this measures the inventory alone/,
  );
  assertMatch(page.stdout, /\n {2}inventory read +[\d.]+ \S+ +·*█+·* *\n/);
  assertMatch(page.stdout, /\n {2}GreyNoise +- +inventory, the stored answer is fresh\n/);
  assertEquals(world.lab.requests.greynoiseRequests, 1);

  world.lab.setFault("greynoise", { kind: "status", status: 403 });
  const cold = await world.run(["profile", "8.8.8.8", "--cold"]);
  assertEquals(cold.code, 3, cold.stderr);
  assertStringIncludes(cold.stderr, "GreyNoise (1 request of its quota");
  assertMatch(cold.stdout, /\n {2}GreyNoise +[\d.]+ \S+ +·*█+·* +failed, /);
  assertStringIncludes(cold.stdout, "GreyNoise quota spent: 1");
});

Deno.test("profile: usage that makes no sense is refused with status 2, before anything is opened", async () => {
  await using world = await openCliWorld({ editions: false });
  const cases: readonly [args: readonly string[], message: string][] = [
    [[], "Cannot profile: give one address"],
    [["8.8.8.8", "1.1.1.1"], 'Cannot profile "1.1.1.1" as well'],
    [["8.8.8.0/24"], 'Cannot read "8.8.8.0/24" as an IP address'],
    [["nonsense"], 'Cannot read "nonsense" as an IP address'],
    [["8.8.8.8", "--format", "csv"], "allowed are table, json"],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await world.run(["profile", ...args]);
    assertEquals([code, stdout], [2, ""], args.join(" "));
    assertStringIncludes(stderr, message, args.join(" "));
  }
});
