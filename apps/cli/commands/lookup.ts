import type { CAC } from "cac";
import { lookUp } from "@ipcascade/operations/offline";
import { createHeapKeeper, createNodeClock, openMaxmind } from "@ipcascade/platform/offline";
import type { CliContext } from "../context.ts";
import { type RawFlags, readInteger, readSwitch } from "../flags.ts";
import type { RunCommand } from "./command.ts";
import { annotate, readLogSources, refuseWithoutEditions } from "./lookup_annotate.ts";
import { lookUpInBulk } from "./lookup_bulk.ts";
import { tellAttributions, tellMissingEditions } from "./missing_editions.ts";
import {
  addRecordOptions,
  readFormat,
  readInputChunks,
  readInputs,
  readMaxSpan,
  writeRecords,
} from "./record_stream.ts";
import { withStopSignals } from "./stop.ts";

/** There is no database beside the editions, and what is kept of them is worth its room. */
const HEAP_LIMIT_MB = 160;

/** Adds `lookup`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const command = cli.command(
    "lookup [...inputs]",
    "Look addresses up in the installed editions; no network, no store",
  );
  addRecordOptions(command)
    .option("--workers <n>", "Threads to share inputs of 16 MiB and more among, 1 to 64 (default: 1)")
    .option("--annotate", "Pass logs through and add what is known about the first address of each line")
    .example("  $ ipcascade lookup - --format ndjson < million.txt")
    .example("  $ ipcascade lookup --annotate access.log")
    .example("  $ tail -f access.log | ipcascade lookup --annotate -")
    .action(run((inputs, flags) => lookup(inputs, flags, context)));
}

async function lookup(inputs: readonly string[], flags: RawFlags, context: CliContext): Promise<number> {
  if (readSwitch(flags, "annotate")) return await annotateLogs(inputs, flags, context);
  const format = readFormat(flags);
  const maxSpan = readMaxSpan(flags);
  const workers = readWorkers(flags);
  return await withStopSignals(context, async ({ stop }) => {
    const items = await readInputs(inputs, flags, stop);
    const chunks = await readInputChunks(inputs, flags, stop);
    const clock = createNodeClock();
    await using maxmind = await openMaxmind(context.settings, { log: context.log, clock, isShared: true });
    tellMissingEditions(maxmind, context);
    const relieve = createHeapKeeper(HEAP_LIMIT_MB);
    const first = maxmind.editions;
    const status = first === null || format === "table"
      ? await writeRecords(lookUp(items, { maxmind, clock }, { maxSpan, stop }), context, format, relieve)
      : await lookUpInBulk(chunks, context, {
        spec: { name: "look_up", format, maxSpan },
        editions: () => maxmind.editions ?? first,
        workers,
        stop,
        relieve,
      });
    tellAttributions(maxmind, context);
    return status;
  });
}

async function annotateLogs(
  inputs: readonly string[],
  flags: RawFlags,
  context: CliContext,
): Promise<number> {
  const workers = readWorkers(flags);
  const sources = await readLogSources(inputs, flags);
  return await withStopSignals(context, async ({ stop }) => {
    const clock = createNodeClock();
    await using maxmind = await openMaxmind(context.settings, { log: context.log, clock, isShared: true });
    tellMissingEditions(maxmind, context);
    const first = maxmind.editions ?? refuseWithoutEditions();
    const relieve = createHeapKeeper(HEAP_LIMIT_MB);
    const editions = () => maxmind.editions ?? first;
    const status = await annotate(sources, context, { editions, workers, stop, relieve });
    tellAttributions(maxmind, context);
    return status;
  });
}

function readWorkers(flags: RawFlags): number {
  return readInteger(flags, "workers", { min: 1, max: 64 }) ?? 1;
}
