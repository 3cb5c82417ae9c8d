import { FixedHistogram, type Metric } from "@ipcascade/core";
import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { renderPrometheus } from "./prometheus.ts";

Deno.test("renderPrometheus() writes help, type and samples in the order of names", () => {
  const text = renderPrometheus([
    {
      name: "b_total",
      help: "Two\nlines, a \\.",
      type: "counter",
      samples: [{ labels: { path: 'a"b\\c\nd' }, value: 1e21 }, { labels: {}, value: NaN }],
    },
    { name: "a", help: "First.", type: "gauge", samples: [{ labels: {}, value: -Infinity }] },
    { name: "none", help: "Nothing.", type: "gauge", samples: [] },
  ]);
  assertEquals(
    text,
    `# HELP a First.
# TYPE a gauge
a -Inf
# HELP b_total Two\\nlines, a \\\\.
# TYPE b_total counter
b_total{path="a\\"b\\\\c\\nd"} 1e+21
b_total NaN
`,
  );
});

Deno.test("renderPrometheus() writes a histogram with all of it above the last bound", () => {
  const histogram = new FixedHistogram([0.000_001, 0.5]);
  for (const value of [0.25, 2]) histogram.add(value);
  const metric: Metric = {
    name: "d_seconds",
    help: "Durations.",
    type: "histogram",
    histograms: [histogram.read({ channel: "dns" })],
  };
  assertEquals(
    renderPrometheus([metric]),
    `# HELP d_seconds Durations.
# TYPE d_seconds histogram
d_seconds_bucket{channel="dns",le="0.000001"} 0
d_seconds_bucket{channel="dns",le="0.5"} 1
d_seconds_bucket{channel="dns",le="+Inf"} 2
d_seconds_sum{channel="dns"} 2.25
d_seconds_count{channel="dns"} 2
`,
  );
});

Deno.test("renderPrometheus() keeps any label within its line", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (label) => {
    const samples = [{ labels: { label }, value: 1 }];
    const lines = renderPrometheus([{ name: "a", help: label, type: "gauge", samples }]).split("\n");
    assertEquals(lines.length, 4);
    assertMatch(lines[2]!, /^a\{label="(?:[^"\\]|\\[\\n"])*"\} 1$/s);
  }));
});
