import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { openTempDir } from "@ipcascade/testkit";
import { SCENARIOS } from "../catalogue.ts";
import { sampleContest, sampleReport } from "./_sample_report.ts";
import { type BenchHost, runBench } from "./main.ts";
import type { BenchReport } from "./report.ts";
import type { Scenario } from "./scenario.ts";

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  args: readonly string[],
  host: Partial<BenchHost> = {},
): Promise<Run> {
  const [printed, told]: [string[], string[]] = [[], []];
  const status = await runBench(args, {
    scenarios: SCENARIOS,
    print: (text) => void printed.push(text),
    tell: (line) => void told.push(line),
    inProcess: true,
    ...host,
  });
  return { status, stdout: printed.join("\n"), stderr: told.join("\n") };
}

/** A scenario that gives the same figures in each round. */
function scenarioOf(figures: Readonly<Record<string, number>>): Scenario {
  return {
    name: "city",
    measures: "something",
    rounds: 2,
    contests: [{ ours: "ours", reference: "theirs", bar: 3 }],
    prepare: () => Promise.resolve({ conditions: [], round: () => Promise.resolve(figures) }),
  };
}

Deno.test("runBench() measures real scenarios with small inputs, as a table and as JSON", async () => {
  await using dir = await openTempDir();
  const { status, stdout, stderr } = await run([
    "opening",
    "ipv6",
    "--small",
    "--json",
    dir.join("out.json"),
  ]);
  assertEquals(status, 0, stdout);
  assertStringIncludes(stdout, "reading, opening, one look-up");
  assertStringIncludes(stderr, "[2/2] ipv6: round 1 of 1: typed City record");
  const report: BenchReport = JSON.parse(await Deno.readTextFile(dir.join("out.json")));
  assertEquals(report.scenarios.map(({ name, error }) => ({ name, error })), [
    { name: "opening", error: null },
    { name: "ipv6", error: null },
  ]);
  const { ratio, verdict } = report.scenarios[1]!.contests[0]!;
  assert(ratio !== null && ratio > 0);
  assertEquals(verdict, "not judged");
});

Deno.test("runBench() lists scenarios and helps without measuring", async () => {
  const list = await run(["--list"]);
  for (const { name } of SCENARIOS) assertStringIncludes(list.stdout, `${name}: `);
  assertStringIncludes((await run(["--help"])).stdout, "--fail-on-regression");
});

Deno.test("runBench() ends with 2 for bad usage before it measures anything", async () => {
  await using dir = await openTempDir();
  await Deno.writeTextFile(dir.join("other.json"), '{"version":1}');
  const contests = [{ ours: "a", reference: "b", ratio: 1e9, lowest: 1 }];
  const damaged = {
    version: 1,
    machine: { deno: "2" },
    is_small: false,
    scenarios: [{ name: "x", contests }],
  };
  await Deno.writeTextFile(dir.join("contest.json"), JSON.stringify(damaged));
  const cases = [
    [["town"], 'Cannot measure "town": allowed are city, first-pass'],
    [
      ["--compare", dir.join("none.json")],
      `Cannot compare with "${dir.join("none.json")}": there is no such file`,
    ],
    [["--compare", dir.join("other.json")], "it is not what --json writes"],
    [["--compare", dir.join("contest.json")], "it is not what --json writes"],
    [["--json", dir.join("none/out.json")], "its directory does not exist"],
    [["--json", dir.path], "it is a directory"],
  ] as const;
  for (const [args, message] of cases) {
    const { status, stdout, stderr } = await run(args);
    assertEquals({ status, stdout }, { status: 2, stdout: "" });
    assertStringIncludes(stderr, message);
  }
});

Deno.test("runBench() never fails for being slow, but for a regression where that is asked for", async () => {
  await using dir = await openTempDir();
  const path = dir.join("before.json");
  await Deno.writeTextFile(path, JSON.stringify(sampleReport([sampleContest()])));
  const slow = { scenarios: [scenarioOf({ ours: 100, theirs: 100 })] };
  const missed = await run([], slow);
  assertEquals(missed.status, 0);
  assertStringIncludes(missed.stdout, "MISSED");
  const compared = await run(["--compare", path], slow);
  assertEquals(compared.status, 0);
  assertStringIncludes(compared.stdout, "-75.0 %  WORSE");
  assertEquals((await run(["--compare", path, "--fail-on-regression"], slow)).status, 1);
  const same = { scenarios: [scenarioOf({ ours: 400, theirs: 100 })] };
  assertEquals((await run(["--compare", path, "--fail-on-regression"], same)).status, 0);
});

Deno.test("runBench() ends with 1 when a scenario fails, and still measures the others", async () => {
  const broken = { ...scenarioOf({}), name: "broken", prepare: () => Promise.reject(new Error("no room")) };
  const { status, stdout } = await run([], { scenarios: [broken, scenarioOf({ ours: 4, theirs: 1 })] });
  assertEquals(status, 1);
  assertStringIncludes(stdout, "broken: failed: no room");
  assertStringIncludes(stdout, "reached");
});

Deno.test("runBench() that was stopped prints nothing and ends with the signal's status", async () => {
  const stop = AbortSignal.abort(143);
  assertEquals(await run([], { stop }), { status: 143, stdout: "", stderr: "" });
});
