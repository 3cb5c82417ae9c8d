import type { CAC } from "cac";
import { type Grade, quoteInput, UsageError } from "@ipcascade/core";
import {
  diagnoseAll,
  diagnoseTopic,
  type Diagnosis,
  DIAGNOSIS_TOPICS,
  type DiagnosisOptions,
  type DiagnosisTopic,
  mendDiagnosis,
  PROBE_ADDRESS,
} from "@ipcascade/operations";
import { type OpenDiagnoses, openDiagnoses } from "@ipcascade/platform";
import { renderDiagnosis, renderDiagnosisOverview } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RawFlags, readChoice, readInteger, readSwitch } from "../flags.ts";
import type { RunCommand } from "./command.ts";
import { withStopSignals } from "./stop.ts";

/** What is looked at, and how. */
interface Order {
  /** Null looks at every topic. */
  readonly topic: DiagnosisTopic | null;
  readonly isFixing: boolean;
  readonly isProbing: boolean;
  readonly format: "text" | "json";
  readonly timeoutMs: number;
}

/** Seconds; the whole of a look takes less than one where nothing is silent, and a lost packet costs three. */
const DEFAULT_TIMEOUT = 30;
/** Milliseconds of the time that are kept for closing. */
const CLOSING_MS = 250;
const TIMEOUT_BOUNDS = { min: 1, max: 600 } as const;

/** Adds `diagnose`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  cli.command(
    "diagnose [...topic]",
    "Name what is wrong with maxmind, cymru, greynoise, latency or memory (default: all)",
  )
    .option("--fix", "Do what is safe of it, and look again; needs a topic")
    .option("--probe", "greynoise: spend one request of the quota to see whether it answers")
    .option(
      "--timeout <seconds>",
      `For the whole look (default: ${DEFAULT_TIMEOUT}); a fix has bounds of its own`,
    )
    .option("--format <format>", "Write the report as text or json (default: text)")
    .example("  $ ipcascade diagnose")
    .example("  $ ipcascade diagnose cymru")
    .example("  $ ipcascade diagnose maxmind --fix")
    .example("  $ ipcascade diagnose greynoise --probe --format json")
    .action(run((inputs, flags) => runDiagnose(inputs, flags, context)));
}

async function runDiagnose(
  inputs: readonly string[],
  flags: RawFlags,
  context: CliContext,
): Promise<number> {
  const isProbing = readSwitch(flags, "probe");
  const onProbe = () =>
    context.tell(`Asking GreyNoise about ${PROBE_ADDRESS}: spends one request of the quota`);
  const order = readOrder(inputs, flags);
  const { timeoutMs } = order;
  await using opened = openDiagnoses(context.settings, context.log, { isProbing, onProbe, timeoutMs });
  return await withStopSignals(context, async ({ stop }) => {
    const options = { timeoutMs: order.timeoutMs - CLOSING_MS, signal: stop, clock: opened.clock };
    return order.topic === null
      ? await lookAtAll(order, opened, options, context)
      : await lookAt(order.topic, order, opened, options, context);
  }, "ending the look");
}

function readOrder(inputs: readonly string[], flags: RawFlags): Order {
  const topic = inputs.length === 0 ? null : readTopic(inputs);
  const isFixing = readSwitch(flags, "fix");
  const isProbing = readSwitch(flags, "probe");
  if (isFixing && topic === null) throw new UsageError("Cannot use --fix without a topic: fix one at a time");
  if (isProbing && topic !== null && topic !== "greynoise") {
    throw new UsageError(`Cannot use --probe with diagnose ${topic}: only greynoise has a quota to spend`);
  }
  return {
    topic,
    isFixing,
    isProbing,
    format: readChoice(flags, "format", ["text", "json"] as const) ?? "text",
    timeoutMs: 1_000 * (readInteger(flags, "timeout", TIMEOUT_BOUNDS) ?? DEFAULT_TIMEOUT),
  };
}

function readTopic(inputs: readonly string[]): DiagnosisTopic {
  const topic = DIAGNOSIS_TOPICS.find((one) => one === inputs[0]);
  if (topic !== undefined && inputs.length === 1) return topic;
  const said = quoteInput(topic === undefined ? inputs[0]! : inputs[1]!);
  throw new UsageError(`Cannot diagnose ${said}: allowed is one of ${DIAGNOSIS_TOPICS.join(", ")}`);
}

async function lookAt(
  topic: DiagnosisTopic,
  order: Order,
  { tools, clock }: OpenDiagnoses,
  options: DiagnosisOptions,
  context: CliContext,
): Promise<number> {
  const tool = tools[topic]!;
  const found = await diagnoseTopic(topic, tool, { ...options, clock });
  const diagnosis = order.isFixing ? await mendDiagnosis(found, tool, { ...options, clock }) : found;
  await write(diagnosis, renderDiagnosis, order, context);
  return statusOf(gradeInTheEnd(diagnosis));
}

async function lookAtAll(
  order: Order,
  { tools, clock }: OpenDiagnoses,
  options: DiagnosisOptions,
  context: CliContext,
): Promise<number> {
  const overview = await diagnoseAll(tools, { ...options, clock });
  await write(overview, renderDiagnosisOverview, order, context);
  return statusOf(overview.grade);
}

async function write<Report>(
  report: Report,
  render: (report: Report) => string,
  { format }: Order,
  context: CliContext,
): Promise<void> {
  await context.stdout.write(format === "json" ? `${JSON.stringify(report, null, 2)}\n` : render(report));
}

/** What was mended is as good as the second look says. */
function gradeInTheEnd({ grade, fix }: Diagnosis): Grade {
  return fix?.grade_after ?? grade;
}

function statusOf(grade: Grade): number {
  if (grade === "unknown") return EXIT.unknown;
  return grade === "ok" || grade === "info" ? EXIT.done : EXIT.failed;
}
