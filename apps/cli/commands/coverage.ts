import type { CAC } from "cac";
import { MS_PER_SECOND, parseMonth, UsageError } from "@ipcascade/core";
import {
  type CoverageDeps,
  type CoverageReport,
  endOfCoverage,
  endOfSnapshot,
  type MailEnd,
  type NoCoverageReport,
  reportCoverage,
  snapshotCoverage,
  STOPPED_ENDING,
} from "@ipcascade/operations";
import {
  COVERAGE_LIMIT_MS,
  createNodeClock,
  createSettingsMailer,
  isStandardOutput,
  type Mailer,
  mailReport,
  workOnCoverage,
  writeOutputFile,
} from "@ipcascade/platform";
import { renderCoverage, renderCoverageCsv, renderCoverageMarkdown, renderSnapshot } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT, exitStatusOfOutcome } from "../exit_status.ts";
import { type RawFlags, readChoice, readInteger, readSwitch, readText } from "../flags.ts";
import { pickAction, refuseOptions } from "./actions.ts";
import type { RunCommand } from "./command.ts";
import { type JobWorkEnd, recorded } from "./recorded.ts";
import { writeFailure } from "./report.ts";
import { type RunSignals, withStopSignals } from "./stop.ts";

const REPORT_FORMATS = ["text", "table", "json", "csv", "markdown", "html"] as const;
const SNAPSHOT_FORMATS = ["text", "table", "json"] as const;
type Format = (typeof REPORT_FORMATS)[number];

/** What the command does: a job, with its options read and waiting for the database. */
interface Action {
  readonly job: "report-coverage" | "snapshot-coverage";
  readonly formats: readonly Format[];
  /** Options besides `--format`. */
  readonly options: readonly string[];
  readonly work: (order: Order, context: CliContext, stop: AbortSignal) => Promise<JobWorkEnd>;
}

/** What was asked for. */
interface Order {
  readonly format: Format;
  readonly month: string | undefined;
  /** The file that the report goes into; null is the standard output. */
  readonly output: string | null;
  readonly isMailed: boolean;
  /** For the work in the database. */
  readonly limitMs: number;
  /** Milliseconds since 1970 UTC. */
  readonly startedAt: number;
}

const DEFAULT_TIMEOUT = COVERAGE_LIMIT_MS / MS_PER_SECOND;
const TIMEOUT_BOUNDS = { min: 1, max: 86_400 } as const;

const ACTIONS: Readonly<Record<string, Action>> = {
  show: {
    job: "report-coverage",
    formats: REPORT_FORMATS,
    options: ["month", "output", "mail"],
    work: showReport,
  },
  snapshot: { job: "snapshot-coverage", formats: SNAPSHOT_FORMATS, options: [], work: takeSnapshot },
};
const OPTIONS = { month: "--month", output: "--output", mail: "--mail" } as const;

/** Adds `report`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  cli.command("report [action]", "Enrichment coverage of a month (show, the default); snapshot keeps today's")
    .option(
      "--month <YYYY-MM>",
      "show: which month (default: newest complete one with a snapshot, or the present)",
    )
    .option("--output <file>", "show: write the report into this file (- is standard output)")
    .option("--mail", "show: send the report to ALERT_EMAIL_TO, as HTML and text")
    .option("--timeout <seconds>", `For the work in the database (default: ${DEFAULT_TIMEOUT})`)
    .option("--format <format>", `${REPORT_FORMATS.join(", ")} (default: text)`)
    .example("  $ ipcascade report")
    .example("  $ ipcascade report --month 2026-10 --format html --output report.html")
    .example("  $ ipcascade report --mail --quiet")
    .example("  $ ipcascade report snapshot")
    .action((action: unknown, flags: Record<string, unknown>) =>
      run(([name = "show"], raw) => runAction(name, raw, context))(
        action === undefined ? [] : [action],
        flags,
      )
    );
}

async function runAction(name: string, flags: RawFlags, context: CliContext): Promise<number> {
  const { job, formats, options, work } = pickAction("report", name, ACTIONS);
  refuseOptions(`report ${name}`, flags, OPTIONS, options);
  const order = readOrder(flags, formats);
  if (order.isMailed) requireMail(context);
  return await withStopSignals(context, async (signals) => {
    try {
      const run = ({ stop }: RunSignals) => work(order, context, stop);
      // A month that somebody is curious about is no run of the monthly job.
      if (order.month !== undefined) return (await run(signals)).status;
      return await recorded(job, { context, signals }, run);
    } catch (error) {
      await writeFailure({ operation: job }, error, flags, context);
      throw error;
    }
  }, "ending");
}

function readOrder(flags: RawFlags, formats: readonly Format[]): Order {
  const month = readText(flags, "month");
  if (month !== undefined) parseMonth(month);
  return {
    format: readChoice(flags, "format", formats) ?? "text",
    month,
    output: readOutput(flags),
    isMailed: readSwitch(flags, "mail"),
    startedAt: createNodeClock().now(),
    limitMs: (readInteger(flags, "timeout", TIMEOUT_BOUNDS) ?? DEFAULT_TIMEOUT) * MS_PER_SECOND,
  };
}

function readOutput(flags: RawFlags): string | null {
  const output = readText(flags, "output");
  if (output === "") throw new UsageError('Cannot read --output "": allowed is the name of a file, or -');
  return output === undefined || isStandardOutput(output) ? null : output;
}

async function showReport(order: Order, context: CliContext, stop: AbortSignal): Promise<JobWorkEnd> {
  const { format, month, startedAt, limitMs } = order;
  const work = (deps: CoverageDeps) => reportCoverage(deps, { month, startedAt });
  const done = await workOnCoverage(work, { ...parts(context), limitMs, stop });
  if (done.isStopped) return await tellStopped("report-coverage", format, context);
  const report = done.value;
  if (report.status === "no_data") return await tellNoData(report, format, context);
  const mail = order.isMailed ? await mailAndTell(report, context, stop) : null;
  await writeReport(report, mail, order, context);
  const end = endOfCoverage(report, mail);
  return { status: exitStatusOfOutcome(end.outcome), ...end };
}

function parts({ settings, log }: CliContext): Pick<CliContext, "settings" | "log"> {
  return { settings, log };
}

function requireMail({ settings, log }: CliContext): Mailer {
  const mailer = createSettingsMailer(settings, log);
  if (mailer !== null) return mailer;
  throw new UsageError("Cannot use --mail: set SMTP_URL and ALERT_EMAIL_TO");
}

async function mailAndTell(report: CoverageReport, context: CliContext, stop: AbortSignal): Promise<MailEnd> {
  const mail = await mailReport(report, { mailer: requireMail(context), clock: createNodeClock(), stop });
  if (mail.error === null) context.tell(`The report on ${report.period.month} is mailed`);
  else context.complain(mail.error.message);
  return mail;
}

async function writeReport(
  report: CoverageReport,
  mail: MailEnd | null,
  { format, output }: Order,
  context: CliContext,
): Promise<void> {
  const text = format === "json"
    ? writeJson(mail === null ? report : { ...report, mail })
    : await renderReport(report, format);
  if (output === null) return await context.stdout.write(text);
  await writeOutputFile(output, text);
  context.tell(`The report on ${report.period.month} is in ${output}`);
}

/** The exit status is the signal's. */
async function tellStopped(
  operation: Action["job"],
  format: Format,
  context: CliContext,
): Promise<JobWorkEnd> {
  if (format === "json") await context.stdout.write(writeJson({ operation, status: "stopped" }));
  return { status: EXIT.failed, ...STOPPED_ENDING };
}

async function tellNoData(
  report: NoCoverageReport,
  format: Format,
  context: CliContext,
): Promise<JobWorkEnd> {
  if (format === "json") await context.stdout.write(writeJson(report));
  context.complain(report.message);
  return { status: EXIT.failed, ...endOfCoverage(report, null) };
}

async function renderReport(report: CoverageReport, format: Exclude<Format, "json">): Promise<string> {
  switch (format) {
    case "text":
    case "table":
      return renderCoverage(report);
    case "csv":
      return renderCoverageCsv(report);
    case "markdown":
      return renderCoverageMarkdown(report);
    case "html":
      // Loading what draws takes longer than the rest of the report.
      return (await import("@ipcascade/render/report_html")).renderReportHtml(report);
  }
}

async function takeSnapshot(
  { format, limitMs }: Order,
  context: CliContext,
  stop: AbortSignal,
): Promise<JobWorkEnd> {
  const done = await workOnCoverage(snapshotCoverage, { ...parts(context), limitMs, stop });
  if (done.isStopped) return await tellStopped("snapshot-coverage", format, context);
  const report = done.value;
  await context.stdout.write(format === "json" ? writeJson(report) : renderSnapshot(report));
  return { status: EXIT.done, ...endOfSnapshot(report) };
}

function writeJson(report: unknown): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
