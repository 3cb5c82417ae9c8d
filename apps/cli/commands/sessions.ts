import type { CAC } from "cac";
import { type EnrichQueue, type SessionStore, UsageError } from "@ipcascade/core";
import {
  enrichSessions,
  importAndQueue,
  type ImportReport,
  importSessions,
  type QueuedImportReport,
} from "@ipcascade/operations";
import {
  createHeapKeeper,
  createNodeClock,
  fileArguments,
  openCascade,
  openQueue,
  openSessionStore,
  readBlocks,
} from "@ipcascade/platform";
import { renderImport, renderQueuedImport, renderSessions, renderSummary } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RawFlags, readChoice, readSwitch } from "../flags.ts";
import type { RunCommand } from "./command.ts";
import { addSourceOptions, readSourceOptions } from "./enrich.ts";
import { InputProblems } from "./input_problems.ts";
import { tellAttributions, tellMissingEditions } from "./missing_editions.ts";
import { statusOfSummary } from "./record_stream.ts";
import { withStopSignals } from "./stop.ts";

/** Where an import writes; it queues where there is a queue. */
interface ImportStore extends AsyncDisposable {
  readonly sessions: SessionStore;
  readonly queue?: EnrichQueue;
}

/** Adds `sessions import` and `sessions enrich`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const command = cli.command(
    "sessions <action> [...inputs]",
    "Import honeypot sessions, enrich their addresses",
    {
      allowUnknownOptions: false,
    },
  );
  addSourceOptions(command)
    .option("--all", "Enrich every session without a snapshot")
    .option("--queue", "import: queue the addresses for ipcascade work, with the options of sources")
    .option("--format <format>", "Write the report as text or json (default: text, on standard error)")
    .example("  $ ipcascade sessions import cowrie.json cowrie.json.2026-11-22.gz")
    .example("  $ ipcascade sessions import --queue cowrie.json")
    .example("  $ ipcascade sessions enrich --all")
    .example("  $ ipcascade sessions enrich 3f2a9c1b77d0");
  command.action((action: unknown, inputs: readonly unknown[], flags: Record<string, unknown>) =>
    run(([name = "", ...texts], raw) => runAction(name, texts, raw, context))([action, ...inputs], flags)
  );
}

async function runAction(
  action: string,
  inputs: readonly string[],
  flags: RawFlags,
  context: CliContext,
): Promise<number> {
  if (action === "import") return await importLogs(inputs, flags, context);
  if (action === "enrich") return await enrichStored(inputs, flags, context);
  throw new UsageError(`Cannot run sessions ${JSON.stringify(action)}: allowed are import and enrich`);
}

async function importLogs(inputs: readonly string[], flags: RawFlags, context: CliContext): Promise<number> {
  const asJson = readReportFormat(flags) === "json";
  if (readSwitch(flags, "all")) {
    throw new UsageError("Cannot import --all: name the logs, or - for standard input");
  }
  const isQueued = readSwitch(flags, "queue");
  const source = readSourceOptions(flags);
  const { terminal } = context;
  if (inputs.length === 0 && terminal.stdinIsTerminal) {
    throw new UsageError("Cannot import: no log was named, allowed are files and - for standard input");
  }
  let unreadableFiles = 0;
  const status = await withStopSignals(context, async ({ stop }) => {
    await using store: ImportStore = isQueued
      ? await openQueue(context.settings, context.log)
      : await openSessionStore(context.settings, context.log);
    const problems = new InputProblems(context, "line");
    const blocks = readBlocks(fileArguments(inputs.length === 0 ? ["-"] : inputs), {
      stop,
      onFailure: (error) => {
        unreadableFiles++;
        problems.tell(error.message, { isFile: true });
      },
    });
    const relieve = createHeapKeeper();
    const options = {
      stop,
      onProblem: (message: string) => problems.tell(message),
      onProgress: ({ lines }: ImportReport) => {
        context.showProgress("lines", lines, null);
        relieve();
      },
    };
    const clock = createNodeClock();
    const { sessions, queue } = store;
    const report: ImportReport & Partial<QueuedImportReport> = queue === undefined
      ? await importSessions(blocks, { sessions, clock }, options)
      : await importAndQueue(blocks, { sessions, queue, clock }, { ...options, ...source });
    problems.end();
    context.tell(renderImport(report));
    if (report.queued !== undefined) context.tell(renderQueuedImport(report.queued));
    if (asJson) await context.stdout.write(`${JSON.stringify(report)}\n`);
    if (unreadableFiles > 0 || report.badLines > 0) {
      return report.events > 0 ? EXIT.partlyFailed : EXIT.failed;
    }
    return EXIT.done;
  });
  return status;
}

async function enrichStored(ids: readonly string[], flags: RawFlags, context: CliContext): Promise<number> {
  const asJson = readReportFormat(flags) === "json";
  const all = readSwitch(flags, "all");
  if (all === ids.length > 0) throw new UsageError("Cannot enrich sessions: name their ids, or give --all");
  if (readSwitch(flags, "queue")) {
    throw new UsageError("Cannot use --queue with sessions enrich: snapshots are written at once");
  }
  const source = readSourceOptions(flags);
  return await withStopSignals(context, async ({ stop, abort }) => {
    await using cascade = await openCascade(context.settings, context.log, "sessions");
    tellMissingEditions(cascade.maxmind, context);
    const report = await enrichSessions(cascade, {
      ...source,
      ids: all ? null : ids,
      stop,
      abort,
      onProgress: ({ source: name, done, total }) => context.showProgress(name, done, total),
      onPage: (done) => {
        context.showProgress("sessions", done, null);
        cascade.relieve();
      },
    });
    for (const id of report.unknown) {
      context.complain(`Cannot enrich session ${JSON.stringify(id)}: it is unknown`);
    }
    context.tell(renderSessions(report) + renderSummary(report.enrichment));
    tellAttributions(cascade.maxmind, context);
    if (asJson) await context.stdout.write(`${JSON.stringify(report)}\n`);
    if (report.unknown.length > 0) {
      return report.unknown.length === ids.length ? EXIT.failed : EXIT.partlyFailed;
    }
    return statusOfSummary(report.enrichment);
  });
}

function readReportFormat(flags: RawFlags): "text" | "json" {
  return readChoice(flags, "format", ["text", "json"] as const) ?? "text";
}
