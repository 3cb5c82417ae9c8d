import { reportError } from "@ipcascade/operations";
import type { CliContext } from "../context.ts";
import { type RawFlags, readChoice, readText } from "../flags.ts";

/** The form in which a command writes its report. */
export function readReportFormat(flags: RawFlags): "table" | "json" {
  return readChoice(flags, "format", ["table", "json"] as const) ?? "table";
}

/** The report is what the command was asked for, so it goes to standard output in either form. */
export async function writeReport<Report>(
  report: Report,
  render: (report: Report) => string,
  flags: RawFlags,
  context: CliContext,
): Promise<void> {
  const isJson = readReportFormat(flags) === "json";
  const text = isJson ? `${JSON.stringify(report, null, 2)}\n` : render(report);
  context.keep(text);
  await context.stdout.write(text);
}

/** Who reads JSON gets some also when there is no report; the message goes to standard error as well. */
export async function writeFailure(
  { operation, ...fields }: { readonly operation: string; readonly [field: string]: unknown },
  error: unknown,
  flags: RawFlags,
  context: CliContext,
): Promise<void> {
  if (readText(flags, "format") !== "json") return;
  const report = { operation, status: "failed", ...fields, error: reportError(error) };
  await context.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}

/** What is said in JSON of work that a signal ended; its exit status is the signal's. */
export async function writeStopped(operation: string, flags: RawFlags, context: CliContext): Promise<void> {
  if (readText(flags, "format") !== "json") return;
  await context.stdout.write(`${JSON.stringify({ operation, status: "stopped" }, null, 2)}\n`);
}
