import type { BulkChunk } from "@ipcascade/operations";
import { BulkRun, type BulkRunDeps, type LookUpSpec } from "@ipcascade/platform/offline";
import { createRecordFrame, renderSummary } from "@ipcascade/render/records";
import type { CliContext } from "../context.ts";
import { statusOfSummary } from "./record_stream.ts";

/** Looks chunks up in bulk and writes the records as bytes. Gives the exit status. */
export async function lookUpInBulk(
  chunks: AsyncIterable<BulkChunk>,
  context: CliContext,
  deps: Pick<BulkRunDeps, "editions" | "workers" | "stop" | "relieve"> & { readonly spec: LookUpSpec },
): Promise<number> {
  const { stdout } = context;
  const frame = createRecordFrame(deps.spec.format);
  let isEmpty = true;
  const run = new BulkRun({
    ...deps,
    write(bytes) {
      const piece = isEmpty ? bytes.subarray(frame.separatorBytes) : bytes;
      isEmpty &&= bytes.length === 0;
      return stdout.writeBytes(piece);
    },
    isGone: () => stdout.isGone,
    onProgress: (count) => context.showProgress("inputs", count, null),
    onBroken: (error) =>
      context.log.warn("Threads can't be used, one works alone", { reason: error.message }),
  });
  await stdout.write(frame.begin);
  try {
    await run.work(chunks);
  } finally {
    // Also after a failure: what was delivered stays readable, and is summed up.
    await stdout.write(frame.end(isEmpty));
    await stdout.flush();
    context.tell(renderSummary(run.summary()));
  }
  return statusOfSummary(run.summary());
}
