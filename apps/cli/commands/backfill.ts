import type { CAC } from "cac";
import { backfillAsn } from "@ipcascade/operations";
import type { CliContext } from "../context.ts";
import { type RunCommand, takingNone } from "./command.ts";
import { addRunOptions, runRefresh } from "./refresh_run.ts";

/** Adds `backfill`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  addRunOptions(cli.command("backfill", "Ask Team Cymru, in bulk, about rows without an ASN"), "1000")
    .example("  $ ipcascade backfill --limit 50000")
    .action(takingNone(run((_, flags) => runRefresh("backfill-asn", flags, context, backfillAsn))));
}
