import type { Metric, SourceRequest } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import { recordInAll, REQUEST_BOUNDS, RequestMeter } from "./request_meter.ts";

const DNS: SourceRequest = {
  source: "cymru",
  channel: "dns",
  outcome: "answered",
  addresses: 1,
  durationMs: 40,
};

function countsOf(metrics: readonly Metric[], name: string): readonly (readonly [string, number])[] {
  const metric = metrics.find((one) => one.name === `ipcascade_source_${name}`);
  if (metric === undefined || metric.type === "histogram") throw new Error(`no ${name}`);
  return metric.samples.map(({ labels, value }) => [Object.values(labels).join(" "), value]);
}

Deno.test("RequestMeter counts by source, channel and outcome, in seconds", () => {
  const meter = new RequestMeter();
  meter.add(DNS);
  meter.add({ ...DNS, durationMs: 60 });
  meter.add({ ...DNS, outcome: "timeout", durationMs: 30_001 });
  meter.add({ ...DNS, channel: "whois", addresses: 500 });
  const metrics = meter.read();
  assertEquals(countsOf(metrics, "requests_total"), [
    ["cymru dns answered", 2],
    ["cymru dns timeout", 1],
    ["cymru whois answered", 1],
  ]);
  assertEquals(countsOf(metrics, "addresses_total").map(([, count]) => count), [2, 1, 500]);
  const durations = metrics[2];
  if (durations?.type !== "histogram") throw new Error("no histogram");
  const [answered, late] = durations.histograms;
  assertEquals([answered!.sum, answered!.count], [0.1, 2]);
  assertEquals(answered!.buckets.find(({ upper_bound }) => upper_bound === 0.05)?.count, 1);
  assertEquals([late!.buckets.at(-1)?.count, late!.count], [0, 1]);
});

Deno.test("RequestMeter takes of a local batch the mean for one address", () => {
  const meter = new RequestMeter();
  meter.add({ ...DNS, source: "maxmind", channel: "local", addresses: 1_000, durationMs: 2 });
  const durations = meter.read()[2];
  if (durations?.type !== "histogram") throw new Error("no histogram");
  assertEquals(durations.histograms[0]!.buckets.map(({ count }) => count), [0, 1, 1, 1, 1, 1, 1, 1, 1]);
});

Deno.test("REQUEST_BOUNDS ascend", () => {
  for (const bounds of Object.values(REQUEST_BOUNDS)) {
    assertEquals(bounds, bounds.toSorted((a, b) => a - b));
  }
});

Deno.test("recordInAll() tells every record", () => {
  const meters = [new RequestMeter(), new RequestMeter()];
  recordInAll(...meters).add(DNS);
  assertEquals(meters.map((meter) => countsOf(meter.read(), "requests_total")[0]?.[1]), [1, 1]);
});
