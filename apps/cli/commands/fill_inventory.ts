import { isFailedRecord } from "@ipcascade/core";
import type { EnrichRun } from "@ipcascade/operations";
import { renderSummary } from "@ipcascade/render/records";
import type { CliContext } from "../context.ts";
import { InputProblems } from "./input_problems.ts";
import { statusOfSummary } from "./record_stream.ts";

/**
 * Reads a run to its end without writing records: inputs that can't be read are complained of, and the summary is told.
 * `relieve` runs after each batch. Gives the exit status.
 */
export async function fillInventory(
  run: EnrichRun,
  context: CliContext,
  relieve: () => void,
): Promise<number> {
  const problems = new InputProblems(context);
  try {
    for await (const batch of run.records) {
      for (const record of batch) if (isFailedRecord(record)) problems.tell(record.error.message);
      relieve();
      context.showProgress("inputs", run.summary().inputs, null);
    }
  } finally {
    problems.end();
    context.tell(renderSummary(run.summary()));
  }
  return statusOfSummary(run.summary());
}
