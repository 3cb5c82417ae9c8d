import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { EnrichSummary, SourceSummary } from "@ipcascade/core";
import fc from "fast-check";
import { cellWidth, cleanCell, fitCell } from "./clean_cell.ts";
import { renderImport } from "./import_text.ts";
import { renderProgress } from "./progress_text.ts";
import { formatDuration, formatNumber, renderSummary } from "./summary_text.ts";
import { renderTextTable } from "./text_table.ts";

Deno.test("fitCell() takes exactly the columns it is given", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 2, max: 40 }), (text, width) => {
    assertEquals(cellWidth(fitCell(cleanCell(text), width)), width);
  }));
  assertEquals(fitCell("東京都港区", 5), "東京…");
});

Deno.test("formatDuration() picks the unit", () => {
  const cases: readonly [number, string][] = [
    [0.0123, "12 µs"],
    [3.21, "3.2 ms"],
    [250, "250 ms"],
    [61_500, "61.5 s"],
    [600_000, "10 min"],
    [9_000_000, "2.5 h"],
  ];
  for (const [ms, expected] of cases) assertEquals(formatDuration(ms), expected);
});

Deno.test("formatNumber() shortens large numbers", () => {
  assertEquals([0, 1.234, 250.4, 12_345, 4_500_000].map(formatNumber), [
    "0",
    "1.2",
    "250",
    "12.3 k",
    "4.5 M",
  ]);
});

Deno.test("renderSummary() tells per source what came and why not", () => {
  const quiet: SourceSummary = {
    hit: 0,
    miss: 0,
    skipped: {},
    failed: {},
    latency: { count: 0, meanMs: null, p95Ms: null },
    firstFailure: null,
  };
  const summary: EnrichSummary = {
    inputs: 10,
    invalid: 1,
    local: 2,
    fresh: 3,
    asked: 4,
    heldBack: 0,
    stored: 4,
    elapsedMs: 2_000,
    stopped: false,
    sources: {
      maxmind: { ...quiet, hit: 3, miss: 1, latency: { count: 4, meanMs: 0.01, p95Ms: 0.02 } },
      cymru: { ...quiet, failed: { timeout: 1 }, firstFailure: "Cannot ask\x1b" },
      greynoise: { ...quiet, skipped: { quota_exhausted: 3, not_applicable: 1 } },
    },
  };
  const text = renderSummary(summary);
  assertStringIncludes(text, "10 inputs, 4 asked, 3 fresh, 2 not global, 1 invalid, 4 stored in 2.0 s, 5/s");
  assertStringIncludes(text, "3 hits; 1 miss; mean 10 µs, p95 20 µs");
  assertStringIncludes(text, "failed 1 (timeout)");
  assertStringIncludes(text, "first failure: Cannot ask·");
  assertStringIncludes(text, "skipped 4 (3 quota exhausted, 1 not applicable)");
});

Deno.test("renderProgress() shows bar, rate and time left when the total is known", () => {
  const text = renderProgress({ label: "GreyNoise", done: 50, total: 200, elapsedMs: 5_000 }, 100);
  assertMatch(text, /^GreyNoise █{6}░{18} 25 % 50\/200 10\/s, 15\.0 s left$/);
  assertEquals(
    renderProgress({ label: "enrich", done: 50, total: null, elapsedMs: 5_000 }),
    "enrich 50 10/s",
  );
  assertEquals(renderProgress({ label: "x".repeat(200), done: 0, total: null, elapsedMs: 0 }, 40).length, 40);
});

Deno.test("renderImport() counts lines, sessions and what was unreadable", () => {
  const text = renderImport({
    lines: 100,
    events: 98,
    badLines: 2,
    newSessions: 5,
    changedSessions: 1,
    unchangedSessions: 0,
    newAddresses: 4,
    elapsedMs: 1_000,
    stopped: false,
  });
  assertStringIncludes(text, "100 lines, 98 events, 2 unreadable in 1.0 s");
  assertStringIncludes(text, "5 new, 1 changed, 0 known already; 4 new addresses");
});

Deno.test("renderTextTable() aligns columns and cleans cells", () => {
  assertEquals(
    renderTextTable(["A", "B"], [["x\x1b", "1"], ["longer", "2"]]),
    "A       B\nx·      1\nlonger  2\n",
  );
});
