import { assertEquals, assertStringIncludes } from "@std/assert";
import { sampleContest, sampleReport } from "./_sample_report.ts";
import { compareReports } from "./comparison.ts";
import { formatFigure, renderChanges, renderMarkdown, renderTable } from "./table.ts";

const REPORT = sampleReport([
  sampleContest(),
  sampleContest({ reference: "C", ratio: 12.345, bar: 15, verdict: "missed" }),
]);

Deno.test("renderTable() has the machine and a line for each contest", () => {
  assertEquals(
    renderTable(REPORT),
    `Deno 2.9.6, 2 cores, Example, 24000 MB, kernel 6.18.0, commit 0123456789ab, 2026-11-27

scenario  ours         rate  reference         rate  ratio     rounds  bar
city      ours  4,000,000/s  theirs     1,000,000/s   4.00  3.80–4.20    3  reached
city      ours  4,000,000/s  C          1,000,000/s   12.3  3.80–4.20   15  MISSED`,
  );
});

Deno.test("renderTable() says what was skipped, what failed, and that small inputs mean nothing", () => {
  const scenarios = REPORT.scenarios.map((scenario) => ({
    ...scenario,
    contests: [sampleContest({ ours_median: null, ratio: null, lowest: null, highest: null })],
    skipped: ["there is no C compiler"],
    error: "the disk is full",
  }));
  const text = renderTable({ ...REPORT, scenarios, is_small: true });
  assertStringIncludes(text, "city: skipped: there is no C compiler\ncity: failed: the disk is full\nSmall");
});

Deno.test("renderMarkdown() is a table with the conditions below", () => {
  const text = renderMarkdown(REPORT);
  assertStringIncludes(text, "| city | ours | 4,000,000/s | theirs | 1,000,000/s | 4.00 |");
  assertStringIncludes(text, "\n- `city`: 1000 addresses; on one thread; 5 rounds");
});

Deno.test("renderChanges() shouts about what is worse", () => {
  const now = sampleReport([sampleContest({ ratio: 3, lowest: 2.9, highest: 3.1 })]);
  const text = renderChanges(compareReports(REPORT, now), ["cores was 2 and is 8"]);
  assertEquals(
    text,
    `note: cores was 2 and is 8
scenario  contest        before   now   change
city      ours : theirs    4.00  3.00  -25.0 %  WORSE
city      ours : C         12.3     –        –  gone`,
  );
});

Deno.test("formatFigure() keeps a digit of small figures only", () => {
  assertEquals(formatFigure(1_234_567.8, "/s"), "1,234,568/s");
  assertEquals(formatFigure(7.25, "/s"), "7.3/s");
  assertEquals(formatFigure(412.4, "MB"), "412 MB");
  assertEquals(formatFigure(null, "/s"), "–");
});
