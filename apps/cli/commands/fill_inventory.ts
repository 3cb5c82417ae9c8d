import type { EnrichRun } from "@ipcascade/operations";
import { renderSummary } from "@ipcascade/render/records";
import type { CliContext } from "../context.ts";
import type { InputProblems } from "./input_problems.ts";
import { statusOfSummary } from "./record_stream.ts";

/** What happens beside a run. */
export interface FillOptions {
  /** Told of inputs that can't be read while the run goes on. */
  readonly problems: InputProblems;
  /** Runs after each batch. */
  readonly relieve: () => void;
}

/** Reads a run without records to its end, and tells its summary. Gives the exit status. */
export async function fillInventory(
  run: EnrichRun,
  context: CliContext,
  { problems, relieve }: FillOptions,
): Promise<number> {
  try {
    for await (const _ of run.records) {
      relieve();
      context.showProgress("inputs", run.summary().inputs, null);
    }
  } finally {
    problems.end();
    context.tell(renderSummary(run.summary()));
  }
  return statusOfSummary(run.summary());
}
