/**
 * Speed as ratios against references of the same run: `deno task bench [SCENARIO…]`, see `--help` and
 * docs/performance.md. Never fails for being slow.
 */
import { SCENARIOS } from "./bench/catalogue.ts";
import { runBench } from "./bench/framework/main.ts";

/** A terminal and a task runner that hands signals on send the same one twice. */
const SAME_SIGNAL_MS = 1_000;

const stopping = new AbortController();
let stoppedAt = 0;
for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.addSignalListener(signal, () => {
    if (stopping.signal.aborted && performance.now() - stoppedAt > SAME_SIGNAL_MS) Deno.exit(status);
    if (stopping.signal.aborted) return;
    stoppedAt = performance.now();
    console.error("stopping after the measurement in hand; once more ends at once and leaves files behind");
    stopping.abort(status);
  });
}
Deno.exit(
  await runBench(Deno.args, {
    scenarios: SCENARIOS,
    print: (text) => console.log(text),
    tell: (line) => console.error(line),
    stop: stopping.signal,
  }),
);
