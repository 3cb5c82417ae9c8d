import {
  type Grade,
  GRADES,
  type MetricLabels,
  type MetricSample,
  MS_PER_SECOND,
  type ScalarMetric,
} from "@ipcascade/core";

/** A gauge with one value; without it there is no sample. */
export function gauge(name: string, help: string, value: number | null): ScalarMetric {
  return gauges(name, help, value === null ? [] : [{ labels: {}, value }]);
}

/** A gauge with a value for each set of labels. */
export function gauges(name: string, help: string, samples: readonly MetricSample[]): ScalarMetric {
  return { name: `ipcascade_${name}`, help, type: "gauge", samples };
}

/** Samples of those that have a value. */
export function sampleEach<Item>(
  items: readonly Item[],
  labels: (item: Item) => MetricLabels,
  value: (item: Item) => number | null,
): readonly MetricSample[] {
  return items.flatMap((item) => {
    const found = value(item);
    return found === null ? [] : [{ labels: labels(item), value: found }];
  });
}

/** What the numbers of grades mean, for helps. */
export const GRADE_WORDS = GRADES.map((grade, index) => `${index} ${grade}`).join(", ");

/** A grade as a number: the higher, the worse. */
export function gradeNumber(grade: Grade): number {
  return GRADES.indexOf(grade);
}

/** Seconds since 1970 UTC of milliseconds. */
export function seconds(ms: number): number {
  return ms / MS_PER_SECOND;
}

/** Seconds since 1970 UTC of RFC 3339; null stays null. */
export function instantSeconds(instant: string | null): number | null {
  return instant === null ? null : seconds(Date.parse(instant));
}
