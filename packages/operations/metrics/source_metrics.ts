import {
  type CircuitPhase,
  circuitPhase,
  type CircuitState,
  gradeQuota,
  type QuotaStatus,
  type ScalarMetric,
  type SourceName,
} from "@ipcascade/core";
import { gauges, GRADE_WORDS, gradeNumber, sampleEach, seconds } from "./gauge.ts";

/** A source's circuit. */
export interface CircuitFigures {
  readonly source: SourceName;
  readonly state: CircuitState;
}

const PHASES: Readonly<Record<CircuitPhase, number>> = { closed: 0, half_open: 1, open: 2 };

/** Whether the sources are asked. */
export function describeCircuits(circuits: readonly CircuitFigures[], now: number): readonly ScalarMetric[] {
  const label = ({ source }: CircuitFigures) => ({ source });
  return [
    gauges(
      "circuit_state",
      "0 asked as needed, 1 about to be tried again, 2 left alone after failures.",
      sampleEach(circuits, label, ({ state }) => PHASES[circuitPhase(state, now)]),
    ),
    gauges(
      "circuit_failures",
      "Failures of the source in a row.",
      sampleEach(circuits, label, ({ state }) => state.failures),
    ),
  ];
}

/** What is left of the quotas. */
export function describeQuotas(quotas: readonly QuotaStatus[]): readonly ScalarMetric[] {
  const label = ({ source }: QuotaStatus) => ({ source });
  return [
    gauges(
      "quota_limit",
      "Requests that the source answers in one window.",
      sampleEach(quotas, label, ({ policy }) => policy.limit),
    ),
    gauges("quota_used", "Requests of this window.", sampleEach(quotas, label, ({ used }) => used)),
    gauges(
      "quota_remaining",
      "Requests that are left of this window.",
      sampleEach(quotas, label, ({ remaining }) => remaining),
    ),
    gauges(
      "quota_reset_timestamp_seconds",
      "When this window ends.",
      sampleEach(quotas, label, ({ window }) => seconds(window.endsAt)),
    ),
    gauges(
      "quota_closed_until_timestamp_seconds",
      "Until when a 429 closed the source; nothing when none did.",
      sampleEach(quotas, label, ({ closedUntil }) => closedUntil === null ? null : seconds(closedUntil)),
    ),
    gauges(
      "quota_grade",
      `How the quota stands: ${GRADE_WORDS}.`,
      sampleEach(quotas, label, (status) => gradeNumber(gradeQuota(status))),
    ),
  ];
}
