import type { CAC } from "cac";
import { reconcile } from "@ipcascade/operations";
import { openAsnCounters } from "@ipcascade/platform";
import { renderReconcile } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { readSwitch } from "../flags.ts";
import { type RunCommand, takingNone } from "./command.ts";
import { readReportFormat, writeFailure, writeReport } from "./report.ts";

/** Adds `reconcile`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  cli.command("reconcile", "Recount the addresses of every ASN and put wrong counters right")
    .option("--dry-run", "Count only")
    .option("--format <format>", "Write the report as table or json (default: table)")
    .action(takingNone(run(async (_, flags) => {
      readReportFormat(flags);
      try {
        await using deps = await openAsnCounters(context.settings, context.log);
        const report = await reconcile(deps, { dryRun: readSwitch(flags, "dry-run") });
        await writeReport(report, renderReconcile, flags, context);
        return EXIT.done;
      } catch (error) {
        await writeFailure({ operation: "reconcile" }, error, flags, context);
        throw error;
      }
    })));
}
