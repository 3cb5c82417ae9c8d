import type { CAC } from "cac";
import { type Grade, MS_PER_SECOND } from "@ipcascade/core";
import { checkHealth, HEALTH_TIMEOUT_MS, type HealthReport } from "@ipcascade/operations";
import { openHealth } from "@ipcascade/platform";
import { renderHealth, renderHealthNagios } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { HEALTH_EXIT } from "../exit_status.ts";
import { type RawFlags, readChoice, readInteger, readSwitch } from "../flags.ts";
import { VERSION } from "../version.ts";
import { type RunCommand, takingNone } from "./command.ts";

const FORMATS = ["table", "json", "nagios"] as const;
const DEFAULT_TIMEOUT_S = HEALTH_TIMEOUT_MS / MS_PER_SECOND;

/** Said before anything is asked. */
const PROBE_COSTS =
  "Asking the providers: one bulk session of Team Cymru (two addresses), one GreyNoise request " +
  "(one unit of the quota), one question about each edition (no download)";

/** Adds `health`. */
export function addHealthCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  cli.command("health", "Check everything and say what mends it; exit status as of monitoring plugins")
    .option("--probe", "Ask the providers, too; costs one unit of the GreyNoise quota")
    .option("--timeout <s>", `Seconds for all checks together (default: ${DEFAULT_TIMEOUT_S})`)
    .option("--format <format>", `Write the report as ${FORMATS.join(", ")} (default: table)`)
    .example("  $ ipcascade health")
    .example("  $ ipcascade health --format nagios")
    .example("  $ ipcascade health --probe --timeout 15")
    .action(takingNone(run((_inputs, flags) => runHealth(flags, context))));
}

async function runHealth(flags: RawFlags, context: CliContext): Promise<number> {
  const { settings, log } = context;
  const format = readChoice(flags, "format", FORMATS) ?? "table";
  const timeoutMs = (readInteger(flags, "timeout", { min: 1, max: 300 }) ?? DEFAULT_TIMEOUT_S) *
    MS_PER_SECOND;
  const withProviders = readSwitch(flags, "probe");
  if (withProviders) context.tell(PROBE_COSTS);
  await using health = await openHealth(settings, log, { timeoutMs, withProviders });
  const report = await checkHealth(health.probes, health, { timeoutMs, version: VERSION });
  const colour = context.terminal.stdoutIsTerminal === true && !settings.noColor;
  await context.stdout.write(context.redact(write(report, format, colour)));
  // Out before the database is given back: whoever waits for the answer has it.
  await context.stdout.flush();
  return HEALTH_EXIT[report.grade satisfies Grade];
}

function write(report: HealthReport, format: (typeof FORMATS)[number], colour: boolean): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(report, null, 2)}\n`;
    case "nagios":
      return renderHealthNagios(report);
    case "table":
      return renderHealth(report, { colour });
  }
}
