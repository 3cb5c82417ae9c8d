import { assertEquals } from "@std/assert";
import { sampleContest, sampleReport } from "./_sample_report.ts";
import { compareReports, listDifferences } from "./comparison.ts";

/** What is said of a ratio, with its range, against one of 4.0 (3.8 to 4.2). */
function compareWith(ratio: number, lowest: number, highest: number) {
  const now = sampleReport([sampleContest({ ratio, lowest, highest })]);
  return compareReports(sampleReport([sampleContest()]), now)[0]!;
}

Deno.test("compareReports() tells worse and better from rounds that vary", () => {
  const cases = [
    ["no round comes near", 3, 2.9, 3.1, "worse"],
    ["no round comes near", 5, 4.9, 5.1, "better"],
    ["ranges meet", 3.5, 3.2, 3.9, "same"],
    ["ranges meet", 4.6, 4.1, 5, "same"],
    ["apart by less than a twentieth", 3.81, 3.79, 3.795, "same"],
  ] as const;
  for (const [label, ratio, lowest, highest, verdict] of cases) {
    assertEquals(compareWith(ratio, lowest, highest).verdict, verdict, `${label}: ${ratio}`);
  }
  assertEquals(compareWith(3, 2.9, 3.1).change, -0.25);
});

Deno.test("compareReports() tells contests that came and went, and leaves other scenarios out", () => {
  const before = sampleReport([sampleContest(), sampleContest({ reference: "old" })]);
  const now = sampleReport([sampleContest(), sampleContest({ reference: "new" })]);
  const verdicts = compareReports(before, now).map(({ reference, verdict }) => [reference, verdict]);
  assertEquals(verdicts, [["theirs", "same"], ["new", "new"], ["old", "gone"]]);
  assertEquals(compareReports(sampleReport([sampleContest()], "other"), now)[0]!.verdict, "new");
});

Deno.test("compareReports() takes what was not measured for gone, and figures alone for none", () => {
  const missing = sampleContest({ ratio: null, lowest: null, highest: null, verdict: "not measured" });
  const before = sampleReport([sampleContest()]);
  assertEquals(compareReports(before, sampleReport([missing]))[0]!.verdict, "gone");
  const alone = sampleReport([sampleContest({ reference: null, ratio: null })]);
  assertEquals(compareReports(alone, alone), []);
});

Deno.test("listDifferences() names another machine, another Deno and small inputs", () => {
  const before = sampleReport([]);
  assertEquals(listDifferences(before, before), []);
  const machine = { ...before.machine, deno: "3.0.0", cores: 8, memory_mb: before.machine.memory_mb + 4 };
  assertEquals(listDifferences(before, { ...before, machine, is_small: true }), [
    "small inputs were measured: the figures mean nothing",
    "cores was 2 and is 8",
    "deno was 2.9.6 and is 3.0.0",
  ]);
});
