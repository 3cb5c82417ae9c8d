import type { ScalarMetric } from "@ipcascade/core";
import { type HealthReport, listChecks } from "../health/mod.ts";
import { gauge, gauges, GRADE_WORDS, gradeNumber, instantSeconds, sampleEach } from "./gauge.ts";

/** How everything stood when it was checked last. */
export function describeHealth(report: HealthReport | null): readonly ScalarMetric[] {
  const checks = report === null ? [] : listChecks(report);
  return [
    gauge(
      "health_grade",
      `How everything stood at the last check: ${GRADE_WORDS}.`,
      report === null ? null : gradeNumber(report.grade),
    ),
    gauges(
      "health_check_grade",
      `How each check of it stood: ${GRADE_WORDS}.`,
      sampleEach(checks, ({ name }) => ({ check: name }), ({ grade }) => gradeNumber(grade)),
    ),
    gauge(
      "health_checked_timestamp_seconds",
      "When that check was.",
      instantSeconds(report?.checked_at ?? null),
    ),
  ];
}
