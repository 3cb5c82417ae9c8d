import type { ContestResult, MeasurementResult, Verdict } from "./report.ts";
import type { Contest, Figures, Unit } from "./scenario.ts";

/** The value in the middle; of an even number the mean of the two. Null without values. */
export function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** How many times better ours is: of rates more is better, of megabytes fewer. */
export function ratioOf(ours: number, reference: number, unit: Unit): number {
  return unit === "MB" ? reference / ours : ours / reference;
}

/** Gathers the figures of all rounds by measurement, in the order of the contests. */
export function gatherMeasurements(
  contests: readonly Contest[],
  rounds: readonly Figures[],
): MeasurementResult[] {
  const units = new Map<string, Unit>();
  for (const { ours, reference, unit = "/s" } of contests) {
    for (const name of [reference, ours]) if (name !== null && !units.has(name)) units.set(name, unit);
  }
  return Array.from(units, ([name, unit]) => {
    const values = rounds.map((figures) => figures[name] ?? null);
    return { name, unit, values, median: medianOf(values.filter((value) => value !== null)) };
  });
}

/** Settles a contest by the medians of its two measurements. */
export function settleContest(
  contest: Contest,
  measurements: readonly MeasurementResult[],
  isJudged: boolean,
): ContestResult {
  const { bar, unit = "/s" } = contest;
  const ours = measurements.find(({ name }) => name === contest.ours);
  const reference = measurements.find(({ name }) => name === contest.reference);
  const [mine, theirs] = [ours?.median ?? null, reference?.median ?? null];
  const ratio = mine === null || theirs === null ? null : ratioOf(mine, theirs, unit);
  const ratios = ours === undefined || reference === undefined ? [] : pairRatios(ours, reference, unit);
  return {
    ours: contest.ours,
    reference: contest.reference,
    unit,
    ours_median: mine,
    reference_median: theirs,
    ratio,
    lowest: ratio === null ? null : Math.min(ratio, ...ratios),
    highest: ratio === null ? null : Math.max(ratio, ...ratios),
    bar,
    verdict: judge({
      measured: contest.reference === null ? mine : ratio,
      ratio,
      bar: isJudged ? bar : null,
    }),
  };
}

function pairRatios(ours: MeasurementResult, reference: MeasurementResult, unit: Unit): number[] {
  return ours.values.flatMap((value, round) => {
    const other = reference.values[round] ?? null;
    return value === null || other === null ? [] : [ratioOf(value, other, unit)];
  });
}

interface Judged {
  /** What had to be measured; null when it was not. */
  readonly measured: number | null;
  readonly ratio: number | null;
  readonly bar: number | null;
}

function judge({ measured, ratio, bar }: Judged): Verdict {
  if (measured === null) return "not measured";
  if (bar === null || ratio === null) return "not judged";
  return ratio >= bar ? "reached" : "missed";
}
