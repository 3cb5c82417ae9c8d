/** Labels of a sample by name, such as `source`. No value is ever an address, a token or anything a caller chose. */
export type MetricLabels = Readonly<Record<string, string>>;

/** One value of a metric. */
export interface MetricSample {
  readonly labels: MetricLabels;
  readonly value: number;
}

/** Measurements by size. */
export interface MetricHistogram {
  readonly labels: MetricLabels;
  /** Ascending; each counts all that are no larger than its bound. What is larger is in `count` alone. */
  readonly buckets: readonly { readonly upper_bound: number; readonly count: number }[];
  /** Of all measurements. */
  readonly sum: number;
  readonly count: number;
}

/** What every metric says of itself. */
export interface MetricName {
  /** Prometheus name with its unit, such as `ipcascade_edition_size_bytes`. */
  readonly name: string;
  /** One sentence. */
  readonly help: string;
}

/** A number that goes up only, or up and down. */
export interface ScalarMetric extends MetricName {
  readonly type: "counter" | "gauge";
  readonly samples: readonly MetricSample[];
}

/** Distributions. */
export interface HistogramMetric extends MetricName {
  readonly type: "histogram";
  readonly histograms: readonly MetricHistogram[];
}

/** One metric with all its labels. Base units, instants in seconds since 1970 UTC. */
export type Metric = ScalarMetric | HistogramMetric;
