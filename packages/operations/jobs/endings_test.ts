import { assertEquals } from "@std/assert";
import type { AlertReport } from "../alerts/alert_report.ts";
import type { BackUpReport } from "../backup/reports.ts";
import type { CoverageReport } from "../coverage/coverage_report.ts";
import type { RecoveryReport } from "../editions/recover_editions.ts";
import type { UpdateReport } from "../editions/update_report.ts";
import type { HealthReport } from "../health/check_health.ts";
import type { SourceRefresh } from "../refresh/refresh_report.ts";
import { endOfBackUp } from "./backup_ending.ts";
import { endOfHealthCheck } from "./check_endings.ts";
import { endOfCoverage } from "./coverage_endings.ts";
import { describeEnding } from "./describe_ending.ts";
import { endOfRecovery, endOfUpdate } from "./edition_endings.ts";
import { endOfRefresh } from "./refresh_ending.ts";

const NOTHING: SourceRefresh = {
  attempted: 0,
  refreshed: 0,
  missed: 0,
  skipped: 0,
  failed: 0,
  remaining: 0,
  skipped_for: {},
  failed_for: {},
  until: null,
  first_failure: null,
  elapsed_ms: 1,
};

Deno.test("endOfRefresh() adds the sources up and fails partly where one fails", () => {
  const greynoise = { ...NOTHING, skipped: 2, skipped_for: { quota_exhausted: 2 } };
  const cymru = { ...NOTHING, attempted: 3, refreshed: 2, missed: 1 };
  const ending = endOfRefresh({ sources: { cymru, greynoise } });
  assertEquals([ending.outcome, ending.counts], [
    "succeeded",
    { attempted: 3, refreshed: 2, missed: 1, skipped: 2, failed: 0, remaining: 0 },
  ]);
  const faults: readonly Partial<SourceRefresh>[] = [
    { failed: 1 },
    { skipped_for: { circuit_open: 1 } },
    { skipped_for: { quota_unknown: 1 } },
    { skipped_for: { rate_unknown: 1 } },
  ];
  for (const fault of faults) {
    const sources = { cymru, greynoise: { ...greynoise, ...fault } };
    assertEquals(endOfRefresh({ sources }).outcome, "partly_failed", JSON.stringify(fault));
  }
});

Deno.test("endOfUpdate() counts editions by what became of them and has the update's error", () => {
  const report = {
    status: "updated",
    error: null,
    set: "20261120-020000-1a2b3c4d",
    items: [{ status: "installed" }, { status: "installed" }, { status: "current" }],
  } as unknown as UpdateReport;
  assertEquals(endOfUpdate(report), {
    outcome: "succeeded",
    counts: { installed: 2, current: 1 },
    error: null,
    message: "updated: 20261120-020000-1a2b3c4d serves",
  });
  const refusal = { code: "EDITION_REFUSED", message: "canary" };
  const items = [...report.items, { status: "rejected", error: refusal }];
  const partly = endOfUpdate({ ...report, items } as UpdateReport);
  assertEquals([partly.outcome, partly.error, partly.counts.rejected], ["partly_failed", refusal, 1]);
  const rolledBack = { status: "rejected", error: { code: "ROLLED_BACK", message: "by hand" } };
  assertEquals(
    endOfUpdate({ ...report, items: [rolledBack] } as unknown as UpdateReport).outcome,
    "succeeded",
  );
  const error = { code: "network", message: "no route" };
  const failed = endOfUpdate({ ...report, status: "failed", error, set: null } as UpdateReport);
  assertEquals([failed.outcome, failed.error, failed.message], ["failed", error, "failed"]);
});

Deno.test("endOfRecovery() fails with the update that it needed", () => {
  const error = { code: "unauthorized", message: "no account" };
  const report = { status: "failed", set: null, steps: [{}, {}], update: { error } };
  assertEquals(endOfRecovery(report as unknown as RecoveryReport), {
    outcome: "failed",
    counts: { examined: 2 },
    error,
    message: "failed",
  });
});

Deno.test("endOfBackUp() is half of what was asked for where old backups stay", () => {
  const backup = { id: "20261124-010000-1a2b3c4d", rows: 5, bytes: 70, file_bytes: 30 };
  const endOf = (pruning: unknown) =>
    endOfBackUp({ backup, place: { kind: "directory", name: "/b" }, pruning } as unknown as BackUpReport);
  assertEquals(endOf(null).outcome, "succeeded");
  assertEquals(endOf({ refused: null, removed: ["a"] }).counts, {
    rows: 5,
    bytes: 70,
    file_bytes: 30,
    removed: 1,
  });
  assertEquals(endOf({ refused: "none is sound", removed: [] }).outcome, "partly_failed");
});

Deno.test("endOfCoverage() says whether the report was mailed, and fails without a snapshot", () => {
  const report = {
    status: "complete",
    message: "most is known",
    period: { month: "2026-10" },
    denominator: { addresses: 9 },
    asn: { addresses: 8 },
  } as unknown as CoverageReport;
  const error = { code: "MAIL_LATE", message: "late" };
  const cases = [
    [null, "succeeded", "2026-10: most is known"],
    [{ status: "sent", error: null }, "succeeded", "2026-10: most is known; mailed"],
    [{ status: "failed", error }, "partly_failed", "2026-10: most is known; not mailed"],
  ] as const;
  for (const [mail, outcome, message] of cases) {
    const ending = endOfCoverage(report, mail);
    assertEquals([ending.outcome, ending.message, ending.counts], [outcome, message, {
      addresses: 9,
      with_asn: 8,
    }]);
  }
  const none = { status: "no_data", message: "no snapshot" } as unknown as CoverageReport;
  assertEquals(endOfCoverage(none, null), {
    outcome: "failed",
    counts: {},
    error: { code: "NO_SNAPSHOT", message: "no snapshot" },
    message: null,
  });
});

Deno.test("endOfHealthCheck() has succeeded whatever was found", () => {
  const report = { grade: "critical", failing: ["database", "disk"] } as unknown as HealthReport;
  const alerts = { sent: 2, reminded: 0, recovered: 1, failed: 0 } as AlertReport;
  assertEquals(endOfHealthCheck(report, alerts), {
    outcome: "succeeded",
    counts: { failing: 2, sent: 2, reminded: 0, recovered: 1, failed: 0 },
    error: null,
    message: "critical, database, disk",
  });
});

Deno.test("describeEnding() tells a watcher how a run ended as its command would", () => {
  const ending = {
    outcome: "partly_failed",
    counts: { rows: 5, removed: 0 },
    error: { code: "X", message: "no room" },
    message: null,
  } as const;
  assertEquals(describeEnding(ending), {
    exitStatus: 3,
    output: "partly_failed\nrows 5, removed 0\nno room\n",
  });
  const statuses = (["succeeded", "failed", "skipped", "stopped"] as const).map((outcome) =>
    describeEnding({ ...ending, outcome }).exitStatus
  );
  assertEquals(statuses, [0, 1, 5, 143]);
});
