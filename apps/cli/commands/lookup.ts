import type { CAC } from "cac";
import { lookUp } from "@ipcascade/operations";
import { createHeapKeeper, createNodeClock, openMaxmind } from "@ipcascade/platform";
import type { CliContext } from "../context.ts";
import type { RawFlags } from "../flags.ts";
import type { RunCommand } from "./command.ts";
import { tellAttributions, tellMissingEditions } from "./missing_editions.ts";
import { addRecordOptions, readFormat, readInputs, readMaxSpan, writeRecords } from "./record_stream.ts";
import { withStopSignals } from "./stop.ts";

/** There is no database beside the editions, and what is kept of them is worth its room. */
const HEAP_LIMIT_MB = 160;

/** Adds `lookup`. */
export function addLookupCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const command = cli.command(
    "lookup [...inputs]",
    "Look addresses up in the installed editions; no network, no store",
  );
  addRecordOptions(command)
    .example("  $ ipcascade lookup - --format ndjson < million.txt")
    .action(run((inputs, flags) => lookup(inputs, flags, context)));
}

async function lookup(inputs: readonly string[], flags: RawFlags, context: CliContext): Promise<number> {
  const format = readFormat(flags);
  const maxSpan = readMaxSpan(flags);
  return await withStopSignals(context, async ({ stop }) => {
    const items = await readInputs(inputs, flags, stop);
    const clock = createNodeClock();
    await using maxmind = await openMaxmind(context.settings, { log: context.log, clock });
    tellMissingEditions(maxmind, context);
    const relieve = createHeapKeeper(HEAP_LIMIT_MB);
    const run = lookUp(items, { maxmind, clock }, { maxSpan, stop });
    const status = await writeRecords(run, context, format, relieve);
    tellAttributions(maxmind, context);
    return status;
  });
}
