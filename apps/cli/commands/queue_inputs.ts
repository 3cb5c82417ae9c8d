import { UsageError } from "@ipcascade/core";
import { queueEnrichment } from "@ipcascade/operations";
import { createNodeClock, openQueue } from "@ipcascade/platform";
import { renderQueued } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RawFlags, readChoice, readInteger, readSwitch } from "../flags.ts";
import { readSourceOptions } from "./enrich.ts";
import { InputProblems } from "./input_problems.ts";
import { readInputs, readMaxSpan } from "./record_stream.ts";
import { withStopSignals } from "./stop.ts";

/** `enrich --queue`: leaves the addresses to workers. */
export async function queueInputs(
  inputs: readonly string[],
  flags: RawFlags,
  context: CliContext,
): Promise<number> {
  if (readSwitch(flags, "refresh")) {
    throw new UsageError(
      "Cannot use --refresh with --queue: a batch that is tried again would be asked twice",
    );
  }
  const format = readChoice(flags, "format", ["table", "json"] as const) ?? "table";
  const options = {
    ...readSourceOptions(flags),
    maxSpan: readMaxSpan(flags),
    batchSize: readInteger(flags, "batch-size", { min: 1, max: 10_000 }),
  };
  return await withStopSignals(context, async ({ stop }) => {
    const items = await readInputs(inputs, flags, stop);
    await using opened = await openQueue(context.settings, context.log);
    const problems = new InputProblems(context, "input");
    const report = await queueEnrichment(items, { queue: opened.queue, clock: createNodeClock() }, {
      ...options,
      stop,
      onProblem: ({ error, isFile }) => problems.tell(error.message, { isFile }),
      onProgress: (done) => context.showProgress("inputs", done, null),
    });
    problems.end();
    context.tell(renderQueued(report));
    if (format === "json") await context.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    if (report.invalid === 0) return EXIT.done;
    return report.invalid === report.inputs ? EXIT.failed : EXIT.partlyFailed;
  }, "queueing what was read; once more ends at once");
}
