import type { Metric, MetricHistogram, MetricLabels } from "@ipcascade/core";

/** The media type of what `renderPrometheus` gives. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Metrics in Prometheus' text format (exposition format 0.0.4), in the order of their names. A metric without a value is
 * left out.
 */
export function renderPrometheus(metrics: readonly Metric[]): string {
  return metrics
    .filter((metric) => (metric.type === "histogram" ? metric.histograms : metric.samples).length > 0)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(renderMetric)
    .join("");
}

function renderMetric(metric: Metric): string {
  const { name, help, type } = metric;
  const lines = metric.type === "histogram"
    ? metric.histograms.flatMap((histogram) => listHistogram(name, histogram))
    : metric.samples.map(({ labels, value }) => formatLine(name, labels, value));
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function listHistogram(name: string, { labels, buckets, sum, count }: MetricHistogram): readonly string[] {
  return [
    ...buckets.map(({ upper_bound, count }) =>
      formatLine(`${name}_bucket`, { ...labels, le: formatNumber(upper_bound) }, count)
    ),
    formatLine(`${name}_bucket`, { ...labels, le: "+Inf" }, count),
    formatLine(`${name}_sum`, labels, sum),
    formatLine(`${name}_count`, labels, count),
  ];
}

function formatLine(name: string, labels: MetricLabels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${formatNumber(value)}\n`;
}

/** As Go reads it. */
function formatNumber(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
