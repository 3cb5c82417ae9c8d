import type { CAC } from "cac";
import { quoteInput, UsageError } from "@ipcascade/core";
import { profile, type ProfileReport, type ProfileTarget, readProfileTarget } from "@ipcascade/operations";
import { openCascade } from "@ipcascade/platform";
import { renderProfile } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { type RawFlags, readSwitch } from "../flags.ts";
import type { RunCommand } from "./command.ts";
import { tellMissingEditions } from "./missing_editions.ts";
import { readReportFormat, writeFailure, writeReport } from "./report.ts";
import { withStopSignals } from "./stop.ts";

/** Adds `profile`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  cli.command("profile [...ip]", "Show where the time goes when one address is enriched")
    .option("--cold", "Ask the sources again, fresh or not; may spend one request of GreyNoise's quota")
    .option("--format <format>", "Write the report as table or json (default: table)")
    .example("  $ ipcascade profile 8.8.8.8")
    .example("  $ ipcascade profile 8.8.8.8 --cold")
    .action(run((inputs, flags) => runProfile(inputs, flags, context)));
}

async function runProfile(inputs: readonly string[], flags: RawFlags, context: CliContext): Promise<number> {
  readReportFormat(flags);
  const cold = readSwitch(flags, "cold");
  const target = readTarget(inputs);
  return await withStopSignals(context, async ({ stop, abort }) => {
    try {
      await using cascade = await openCascade(context.settings, context.log, "profile");
      tellMissingEditions(cascade.maxmind, context);
      if (cold) tellPrice(target, context);
      const report = await profile(target.input, cascade, { cold, stop, abort });
      await writeReport(report, renderProfile, flags, context);
      return statusOf(report);
    } catch (error) {
      await writeFailure({ operation: "profile" }, error, flags, context);
      throw error;
    }
  });
}

function readTarget(inputs: readonly string[]): ProfileTarget {
  const [input, more] = inputs;
  if (input === undefined) throw new UsageError("Cannot profile: give one address, such as 8.8.8.8");
  if (more !== undefined) {
    throw new UsageError(`Cannot profile ${quoteInput(more)} as well: give one address`);
  }
  return readProfileTarget(input);
}

/** Said beforehand: a unit of quota is not given back. */
function tellPrice({ address, scope }: ProfileTarget, context: CliContext): void {
  if (scope !== "global") return;
  const remote = address.family === 4
    ? "GreyNoise (1 request of its quota, up to 3 while it fails) and Team Cymru where MaxMind has no ASN"
    : "Team Cymru where MaxMind has no ASN";
  context.tell(`Asks again, whatever the inventory holds: MaxMind, ${remote}`);
}

/** A source that failed was profiled all the same. */
function statusOf({ stages }: ProfileReport): number {
  return stages.some(({ status }) => status === "failed") ? EXIT.partlyFailed : EXIT.done;
}
