import type { CAC } from "cac";
import { MS_PER_SECOND, UsageError, VERSION } from "@ipcascade/core";
import { checkHealth, HEALTH_TIMEOUT_MS } from "@ipcascade/operations";
import { openHealth } from "@ipcascade/platform";
import type { CliContext } from "../context.ts";
import { describeError, HEALTH_EXIT, HealthUntoldError } from "../exit_status.ts";
import { type RawFlags, readChoice, readInteger, readSwitch } from "../flags.ts";
import { type RunCommand, takingNone } from "./command.ts";
import { checkHealthWithAlerts } from "./health_alert.ts";
import { FORMATS, type HealthOrder, writeHealth } from "./health_page.ts";

const DEFAULT_TIMEOUT_S = HEALTH_TIMEOUT_MS / MS_PER_SECOND;
const TIMEOUT_S = { min: 1, max: 300 } as const;

/** Said before anything is asked. */
const PROBE_COSTS =
  "Asking the providers: one bulk session of Team Cymru (two addresses), one GreyNoise request " +
  "(one unit of the quota), one question about each edition (no download)";

/** Adds `health`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  cli.command("health", "Check everything and say what mends it; exit status as of monitoring plugins")
    .option("--probe", "Ask the providers, too; costs one unit of the GreyNoise quota")
    .option(
      "--alert",
      "Tell people what changed, by mail or webhook, and record the run as the job check-health",
    )
    .option(
      "--timeout <s>",
      `Seconds for all checks together, ${TIMEOUT_S.min} to ${TIMEOUT_S.max} (default: ${DEFAULT_TIMEOUT_S})`,
    )
    .option("--format <format>", `Write the report as ${FORMATS.join(", ")} (default: table)`)
    .example("  $ ipcascade health")
    .example("  $ ipcascade health --format nagios")
    .example("  $ ipcascade health --alert")
    .example("  $ ipcascade health --probe --timeout 15")
    .action(takingNone(run((_inputs, flags) => runHealth(flags, context))));
}

async function runHealth(flags: RawFlags, context: CliContext): Promise<number> {
  const order: HealthOrder = {
    format: readChoice(flags, "format", FORMATS) ?? "table",
    timeoutMs: (readInteger(flags, "timeout", TIMEOUT_S) ?? DEFAULT_TIMEOUT_S) * MS_PER_SECOND,
    withProviders: readSwitch(flags, "probe"),
  };
  const withAlerts = readSwitch(flags, "alert");
  if (order.withProviders) context.tell(PROBE_COSTS);
  try {
    return withAlerts ? await checkHealthWithAlerts(order, context) : await checkAndWrite(order, context);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // A monitor takes the 1 of other commands for a warning.
    throw new HealthUntoldError(describeError(error), { cause: error });
  }
}

async function checkAndWrite(order: HealthOrder, context: CliContext): Promise<number> {
  await using health = await openHealth(context.settings, context.log, order);
  const report = await checkHealth(health.probes, health, { ...order, version: VERSION });
  await writeHealth(report, order, context);
  return HEALTH_EXIT[report.grade];
}
