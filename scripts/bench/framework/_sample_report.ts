import type { BenchReport, ContestResult } from "./report.ts";

/** A contest that reached its bar. */
export function sampleContest(more: Partial<ContestResult> = {}): ContestResult {
  return {
    ours: "ours",
    reference: "theirs",
    unit: "/s",
    ours_median: 4_000_000,
    reference_median: 1_000_000,
    ratio: 4,
    lowest: 3.8,
    highest: 4.2,
    bar: 3,
    verdict: "reached",
    ...more,
  };
}

/** A run of one scenario. */
export function sampleReport(contests: readonly ContestResult[], name = "city"): BenchReport {
  return {
    version: 1,
    started_at: "2026-11-27T10:00:00.000Z",
    finished_at: "2026-11-27T10:01:00.000Z",
    commit: { id: "0123456789abcdef", is_clean: true },
    machine: {
      deno: "2.9.6",
      v8: "15.0",
      kernel: "6.18.0",
      cores: 2,
      processor: "Example",
      memory_mb: 24_000,
    },
    is_small: false,
    scenarios: [{
      name,
      measures: "something",
      conditions: ["1000 addresses", "on one thread"],
      rounds: 5,
      seconds: 60,
      measurements: [],
      contests,
      skipped: [],
      error: null,
    }],
  };
}
