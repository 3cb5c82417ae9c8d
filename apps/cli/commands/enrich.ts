import type { CAC, Command } from "cac";
import { type ActivityFilter, SOURCE_NAMES, UsageError } from "@ipcascade/core";
import { enrichMany } from "@ipcascade/operations";
import { openCascade } from "@ipcascade/platform";
import { RECORD_FORMATS } from "@ipcascade/render/records";
import type { CliContext } from "../context.ts";
import { type RawFlags, readChoice, readInteger, readSources, readSwitch } from "../flags.ts";
import type { RunCommand } from "./command.ts";
import { fillInventory } from "./fill_inventory.ts";
import { InputProblems } from "./input_problems.ts";
import { tellAttributions, tellMissingEditions } from "./missing_editions.ts";
import { queueInputs } from "./queue_inputs.ts";
import { addRecordOptions, readInputs, readMaxSpan, writeRecords } from "./record_stream.ts";
import { withStopSignals } from "./stop.ts";

/** Runbook: an address is active with 10 commands, 5 downloads or 300 s in one session. */
export const ACTIVE: ActivityFilter = { minCommands: 10, minDownloads: 5, minDurationS: 300 };

const FORMATS = [...RECORD_FORMATS, "none"] as const;
const FORMATS_TOLD = `${RECORD_FORMATS.join(", ")}, or none (no records)`;

/** Adds `enrich`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const command = cli.command(
    "enrich [...inputs]",
    "Ask the sources about addresses and store what they say",
  );
  addSourceOptions(addRecordOptions(command, FORMATS_TOLD))
    .option("--refresh", "Ask again where the answer is fresh or an attempt is not due")
    .option(
      "--batch-size <n>",
      "Addresses asked and stored together, 1 to 10000 (default: 2500)",
    )
    .option("--queue", "Queue the addresses for ipcascade work instead (batches of 1000; table or json)")
    .example("  $ ipcascade enrich 8.8.8.8 2001:db8::/126")
    .example("  $ ipcascade enrich addresses.txt.gz --format ndjson")
    .example("  $ ipcascade enrich nightly.txt --offline --format none")
    .example("  $ ipcascade enrich --from csv:src_ip flows.csv --format csv")
    .action(run((inputs, flags) => enrich(inputs, flags, context)));
}

/** Adds the options that choose the sources. */
export function addSourceOptions(command: Command): Command {
  return command
    .option("--sources <list>", `Ask only these, a comma list of ${SOURCE_NAMES.join(", ")} (default: all)`)
    .option("--offline", "Ask MaxMind's installed editions alone")
    .option("--active-only", "Ask GreyNoise only about addresses with a busy session");
}

/** Reads the options that choose the sources. */
export function readSourceOptions(flags: RawFlags) {
  const sources = readSources(flags, "sources");
  const isOffline = readSwitch(flags, "offline");
  if (isOffline && sources !== undefined) {
    throw new UsageError("Cannot use --offline with --sources: give one of them");
  }
  return {
    sources: isOffline ? ["maxmind" as const] : sources,
    activity: readSwitch(flags, "active-only") ? ACTIVE : null,
  };
}

async function enrich(inputs: readonly string[], flags: RawFlags, context: CliContext): Promise<number> {
  if (readSwitch(flags, "queue")) return await queueInputs(inputs, flags, context);
  const format = readChoice(flags, "format", FORMATS) ?? "table";
  const maxSpan = readMaxSpan(flags);
  const batchSize = readInteger(flags, "batch-size", { min: 1, max: 10_000 });
  const source = readSourceOptions(flags);
  return await withStopSignals(context, async ({ stop, abort }) => {
    const items = await readInputs(inputs, flags, stop);
    await using cascade = await openCascade(context.settings, context.log, "enrich");
    tellMissingEditions(cascade.maxmind, context);
    const problems = new InputProblems(context, "input");
    const hasRecords = format !== "none";
    const run = enrichMany(items, cascade, {
      ...source,
      batchSize: batchSize ?? cascade.batchSize,
      lanes: cascade.lanes,
      maxSpan,
      refresh: readSwitch(flags, "refresh"),
      records: hasRecords ? "all" : "none",
      // Else a record tells of it.
      onProblem: hasRecords ? undefined : ({ error, isFile }) => problems.tell(error.message, { isFile }),
      stop,
      abort,
      onProgress: ({ source: name, done, total }) => context.showProgress(name, done, total),
    });
    const status = hasRecords
      ? await writeRecords(run, context, format, cascade.relieve)
      : await fillInventory(run, context, { problems, relieve: cascade.relieve });
    tellAttributions(cascade.maxmind, context);
    return status;
  });
}
