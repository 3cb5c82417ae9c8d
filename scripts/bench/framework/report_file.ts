import { quoteInput, UsageError } from "@ipcascade/core";
import { describeSystemError } from "@ipcascade/platform";
import type { BenchReport, ContestResult } from "./report.ts";

/** Reads figures that `--json` wrote. Throws `UsageError` for anything else. */
export async function readReport(path: string): Promise<BenchReport> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`Cannot compare with ${quoteInput(path)}: ${describeSystemError(error)}`);
  }
  try {
    return checkReport(JSON.parse(text));
  } catch {
    throw new UsageError(`Cannot compare with ${quoteInput(path)}: it is not what --json writes`);
  }
}

function checkReport(value: unknown): BenchReport {
  const report = value as BenchReport;
  const isReport = report.version === 1 && typeof report.machine.deno === "string" &&
    typeof report.is_small === "boolean" &&
    report.scenarios.every(({ name, contests }) => typeof name === "string" && contests.every(isContest));
  if (!isReport) throw new TypeError("Cannot read the report: parts are missing");
  return report;
}

/** What is compared of a contest; figures are all there, or none where one side was not measured. */
function isContest({ ours, reference, ratio, lowest, highest }: ContestResult): boolean {
  if (typeof ours !== "string" || (reference !== null && typeof reference !== "string")) return false;
  const figures = [ratio, lowest, highest];
  return figures.every((figure) => figure === null) || figures.every((figure) => Number.isFinite(figure));
}
