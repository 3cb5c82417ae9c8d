import type { Metric } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import { createHttpMeter } from "./http_meter.ts";

function samplesOf(metrics: readonly Metric[], name: string): readonly (readonly [string, number])[] {
  const metric = metrics.find((one) => one.name === `ipcascade_http_${name}`);
  if (metric === undefined || metric.type === "histogram") throw new Error(`no ${name}`);
  return metric.samples.map(({ labels, value }) => [Object.values(labels).join(" "), value]);
}

Deno.test("createHttpMeter() counts by method, route and class of status", () => {
  const meter = createHttpMeter();
  const seen = [["GET", "/a", 200], ["GET", "/a", 204], ["GET", "/a", 503], ["POST", "/a", 202]] as const;
  for (const [method, route, status] of seen) {
    meter.begin();
    meter.end({ method, route, status, durationMs: 20 });
  }
  meter.begin();
  const metrics = meter.read();
  assertEquals(samplesOf(metrics, "requests_total"), [
    ["GET /a 2xx", 2],
    ["GET /a 5xx", 1],
    ["POST /a 2xx", 1],
  ]);
  assertEquals(samplesOf(metrics, "requests_in_flight"), [["", 1]]);
  const durations = metrics[1];
  if (durations?.type !== "histogram") throw new Error("no histogram");
  assertEquals(durations.histograms.map(({ count, sum }) => [count, sum]), [[3, 0.06], [1, 0.02]]);
});

Deno.test("createHttpMeter() counts methods that callers make up as one", () => {
  const meter = createHttpMeter();
  for (let index = 0; index < 1_000; index++) {
    meter.end({ method: `M${index}`, route: "unmatched", status: 404, durationMs: 1 });
  }
  assertEquals(samplesOf(meter.read(), "requests_total"), [["other unmatched 4xx", 1_000]]);
});
