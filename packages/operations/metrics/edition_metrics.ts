import type { ScalarMetric } from "@ipcascade/core";
import type { EditionStatusItem, EditionStatusReport } from "../editions/mod.ts";
import { gauge, gauges, GRADE_WORDS, gradeNumber, instantSeconds, sampleEach } from "./gauge.ts";

/** How the editions stand. */
export function describeEditions(report: EditionStatusReport | null): readonly ScalarMetric[] {
  const items = report?.items ?? [];
  const labels = ({ edition_id, kind }: EditionStatusItem) => ({ edition: edition_id, kind });
  const checkedAt = instantSeconds(report?.checked_at ?? null);
  return [
    gauges(
      "edition_build_timestamp_seconds",
      "When the installed edition was built.",
      sampleEach(items, labels, ({ build_epoch }) => build_epoch),
    ),
    gauges(
      "edition_checked_timestamp_seconds",
      "When its provider was last asked for a newer one.",
      sampleEach(items, labels, () => checkedAt),
    ),
    gauges(
      "edition_size_bytes",
      "Size of the installed edition.",
      sampleEach(items, labels, ({ size_bytes }) => size_bytes),
    ),
    gauges(
      "edition_grade",
      `How the edition stands: ${GRADE_WORDS}.`,
      sampleEach(items, labels, ({ grade }) => gradeNumber(grade)),
    ),
    gauge("edition_update_failures", "Updates that failed in a row.", report?.failures ?? null),
  ];
}
