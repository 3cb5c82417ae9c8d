import { EditionUnreadableError, parseTarget, quoteInput, UsageError } from "@ipcascade/core";
import {
  BulkRun,
  type BulkRunDeps,
  fileSource,
  type InputSource,
  readLog,
  resolveArguments,
} from "@ipcascade/platform/offline";
import { renderSummary } from "@ipcascade/render/records";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import type { RawFlags } from "../flags.ts";
import { statusOfSummary } from "./record_stream.ts";

/** Options that say how inputs are read or records written: lines are neither. */
const REFUSED_FLAGS = ["from", "format", "maxExpand"] as const;

/** The logs that a command line names. Throws `UsageError` when an input or a flag makes no sense. */
export async function readLogSources(
  inputs: readonly string[],
  flags: RawFlags,
): Promise<readonly InputSource[]> {
  const refused = REFUSED_FLAGS.find((name) => flags[name] !== undefined);
  if (refused !== undefined) {
    const flag = refused.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(`Cannot use --${flag} with --annotate: lines go through as they are`);
  }
  return (await resolveArguments(inputs)).map((argument) => {
    if (argument.kind === "source") return argument.source;
    // What is no address either is the name of a file that isn't there: reading it tells so.
    if (parseTarget(argument.text) === null) return fileSource(argument.text);
    throw new UsageError(
      `Cannot annotate ${quoteInput(argument.text)}: allowed are files, and - for standard input`,
    );
  });
}

/** Passes logs through with what is known about the address of each line. Gives the exit status. */
export async function annotate(
  sources: readonly InputSource[],
  context: CliContext,
  deps: Pick<BulkRunDeps, "editions" | "workers" | "stop" | "relieve">,
): Promise<number> {
  const { stdout } = context;
  const run = new BulkRun({
    ...deps,
    spec: { name: "annotate" },
    write: (bytes) => stdout.writeBytes(bytes),
    isGone: () => stdout.isGone,
    onProgress: (count) => context.showProgress("lines", count, null),
    onBroken: (error) =>
      context.log.warn("Threads can't be used, one works alone", { reason: error.message }),
  });
  let unread = 0;
  const onFailure = (error: Error) => {
    unread++;
    context.tell(error.message);
  };
  try {
    await run.work(readLog(sources, { stop: deps.stop, onFailure }));
  } finally {
    await stdout.flush();
    context.tell(renderSummary(run.summary()));
  }
  const summary = run.summary();
  if (unread === sources.length && summary.inputs === 0) return EXIT.failed;
  return unread > 0 ? EXIT.partlyFailed : statusOfSummary(summary);
}

/** What is said where there is nothing to annotate with. */
export function refuseWithoutEditions(): never {
  throw new EditionUnreadableError("Cannot annotate: no MaxMind edition can be used");
}
