import type { CAC } from "cac";
import { workQueue, type WorkReport } from "@ipcascade/operations";
import { openQueueWorker } from "@ipcascade/platform";
import { renderWork } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RawFlags, readChoice, readInteger, readSwitch } from "../flags.ts";
import type { RunCommand } from "./command.ts";
import { tellAttributions, tellMissingEditions } from "./missing_editions.ts";
import { isFailingSource } from "./record_stream.ts";
import { writeFailure } from "./report.ts";
import { withStopSignals } from "./stop.ts";

/** A worker that runs for days tells how it does so often. */
const TELL_EVERY_MS = 10_000;

/** Adds `work`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  cli.command("work", "Enrich what is queued, until it is stopped")
    .option("--concurrency <n>", "Batches at once, 1 to 32 (default: 2)")
    .option("--drain", "End when nothing is queued, worked on or due for another try")
    .option("--format <format>", "Write the report as text or json (default: text, on standard error)")
    .example("  $ ipcascade enrich --queue addresses.txt.gz")
    .example("  $ ipcascade work")
    .example("  $ ipcascade work --drain --concurrency 4")
    .action((flags: Record<string, unknown>) => run((_, raw) => work(raw, context))([], flags));
}

async function work(flags: RawFlags, context: CliContext): Promise<number> {
  const format = readChoice(flags, "format", ["text", "json"] as const) ?? "text";
  const concurrency = readInteger(flags, "concurrency", { min: 1, max: 32 });
  return await withStopSignals(context, async ({ stop, abort }) => {
    const done: WorkReport[] = [];
    try {
      await using worker = await openQueueWorker(context.settings, context.log);
      tellMissingEditions(worker.maxmind, context);
      let toldAtMs = performance.now();
      const tell = (report: WorkReport) => {
        done[0] = report;
        worker.relieve();
        context.showProgress("addresses", report.addresses, null);
        if (performance.now() - toldAtMs < TELL_EVERY_MS) return;
        toldAtMs = performance.now();
        context.tell(renderWork(report));
      };
      const report = await workQueue(worker, {
        concurrency,
        batchSize: worker.batchSize,
        drain: readSwitch(flags, "drain"),
        stop,
        abort,
        onBatch: tell,
        onFailure: (message) => context.complain(message),
      });
      context.tell(renderWork(report));
      tellAttributions(worker.maxmind, context);
      if (format === "json") await context.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      return statusOf(report);
    } catch (error) {
      // What was done until then is done.
      if (done[0] !== undefined) context.tell(renderWork(done[0]));
      await writeFailure({ operation: "work-queue", ...done[0] }, error, flags, context);
      throw error;
    }
  }, "finishing the batches in hand, giving the rest back; once more gives them up");
}

function statusOf({ dead, sources }: WorkReport): number {
  const isFailing = Object.values(sources).some(({ failed_for: failed, skipped_for: skipped }) =>
    isFailingSource({ failed, skipped })
  );
  return dead > 0 || isFailing ? EXIT.partlyFailed : EXIT.done;
}
