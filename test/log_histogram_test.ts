import { assertEquals } from "@std/assert";
import { LogHistogram } from "./evidence/log_histogram.ts";

Deno.test("LogHistogram tells quantiles to a percent", () => {
  const histogram = new LogHistogram();
  assertEquals(histogram.quantile(0.5), 0);
  for (let ms = 1; ms <= 1_000; ms++) histogram.add(ms / 10);
  assertEquals([histogram.count, histogram.max], [1_000, 100]);
  for (const [share, ms] of [[0.01, 1], [0.5, 50], [0.99, 99], [1, 100]] as const) {
    const found = histogram.quantile(share);
    assertEquals(found >= ms * 0.99 && found <= ms * 1.011, true, `${share}: ${found}`);
  }
});
