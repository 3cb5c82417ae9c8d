import type { Command } from "cac";
import { DEFAULT_MAX_SPAN, type EnrichSummary, type SourceSummary, type SpanLimit } from "@ipcascade/core";
import type { BulkChunk, EnrichRun, InputItem } from "@ipcascade/operations";
import { parseInputFormat, readArguments, readChunks, resolveArguments } from "@ipcascade/platform/offline";
import {
  createRecordRenderer,
  RECORD_FORMATS,
  type RecordFormat,
  renderSummary,
} from "@ipcascade/render/records";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RawFlags, readChoice, readInteger, readText } from "../flags.ts";

/** The most that `--max-expand` takes: all of IPv4. */
const MAX_SPAN = 2 ** 32;

/** Adds the options of commands that turn inputs into records; `formats` says how those are written. */
export function addRecordOptions(command: Command, formats = RECORD_FORMATS.join(", ")): Command {
  return command
    .option("--from <kind>", "Read inputs as auto, lines, cowrie, csv:COLUMN or ndjson:FIELD (default: auto)")
    .option("--format <format>", `Write records as ${formats} (default: table)`)
    .option(
      "--max-expand <n>",
      `Largest block or range that is expanded, in addresses (default: ${DEFAULT_MAX_SPAN})`,
    );
}

/** The inputs that a command line names, as chunks of items. */
export async function readInputs(
  inputs: readonly string[],
  flags: RawFlags,
  stop: AbortSignal,
): Promise<AsyncIterable<readonly InputItem[]>> {
  const format = parseInputFormat(readText(flags, "from") ?? "auto");
  return readArguments(await resolveArguments(inputs), { format, stop });
}

/** The inputs that a command line names, as chunks of bytes where they are plain lines. */
export async function readInputChunks(
  inputs: readonly string[],
  flags: RawFlags,
  stop: AbortSignal,
): Promise<AsyncIterable<BulkChunk>> {
  const format = parseInputFormat(readText(flags, "from") ?? "auto");
  return readChunks(await resolveArguments(inputs), { format, stop });
}

export function readFormat(flags: RawFlags): RecordFormat {
  return readChoice(flags, "format", RECORD_FORMATS) ?? "table";
}

export function readMaxSpan(flags: RawFlags): SpanLimit {
  const max = readInteger(flags, "max-expand", { min: 1, max: MAX_SPAN }) ?? DEFAULT_MAX_SPAN;
  return { max, advice: `--max-expand allows up to ${MAX_SPAN}` };
}

/** Writes the records of a run as they come, and its summary; `relieve` runs after each batch. Gives the exit status. */
export async function writeRecords(
  run: EnrichRun,
  context: CliContext,
  format: RecordFormat,
  relieve: () => void = () => {},
): Promise<number> {
  const renderer = createRecordRenderer(format);
  const { stdout } = context;
  let done = 0;
  await stdout.write(renderer.begin());
  try {
    for await (const batch of run.records) {
      await stdout.write(renderer.records(batch));
      await stdout.flush();
      done += batch.length;
      relieve();
      context.showProgress("inputs", done, null);
      if (stdout.isGone) break;
    }
  } finally {
    // Also after a failure: what was delivered stays readable, and is summed up.
    await stdout.write(renderer.end());
    await stdout.flush();
    context.tell(renderSummary(run.summary()));
  }
  return statusOfSummary(run.summary());
}

/** The exit status of a run: 1 when no input could be read, 3 when some could not or a source failed. */
export function statusOfSummary(summary: EnrichSummary): number {
  if (summary.invalid > 0 && summary.invalid === summary.inputs) return EXIT.failed;
  const isFailing = Object.values(summary.sources).some(isFailingSource);
  return summary.invalid > 0 || isFailing ? EXIT.partlyFailed : EXIT.done;
}

/** Skips that follow from a failure, of now or of lately. */
const AFTER_FAILURE = [
  "circuit_open",
  "backing_off",
  "budget_spent",
  "quota_unknown",
  "rate_unknown",
] as const;

/** Running out of quota is no failure; a source that fails, or is left alone because it failed, is one. */
export function isFailingSource({ failed, skipped }: Pick<SourceSummary, "failed" | "skipped">): boolean {
  return Object.keys(failed).length > 0 || AFTER_FAILURE.some((reason) => (skipped[reason] ?? 0) > 0);
}
