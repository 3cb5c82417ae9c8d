import type { CAC } from "cac";
import { SOURCE_NAMES, type SourceName } from "@ipcascade/core";
import { refreshStale } from "@ipcascade/operations";
import type { CliContext } from "../context.ts";
import { readChoice, readSwitch } from "../flags.ts";
import { type RunCommand, takingNone } from "./command.ts";
import { addRunOptions, runRefresh } from "./refresh_run.ts";

/** Adds `refresh`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const command = cli.command("refresh", "Ask again about rows whose answers are missing, old or failed");
  addRunOptions(
    command.option("--source <source>", `One of ${SOURCE_NAMES.join(", ")}, all (default: all)`),
    "5000 for MaxMind, 1000 for Cymru, 500 for GreyNoise",
  )
    .option("--asn <number>", "Only addresses of this AS, such as 15169 or AS15169")
    .option("--force", "Ask about fresh rows and those that wait after a failure, too")
    .example("  $ ipcascade refresh")
    .example("  $ ipcascade refresh --source greynoise --active-days 30 --limit 2000")
    .example("  $ ipcascade refresh --source cymru --asn 15169")
    .action(takingNone(run((_, flags) => {
      const choice = readChoice(flags, "source", [...SOURCE_NAMES, "all"] as const) ?? "all";
      const sources: readonly SourceName[] = choice === "all" ? SOURCE_NAMES : [choice];
      const force = readSwitch(flags, "force");
      return runRefresh(
        "refresh-stale",
        flags,
        context,
        (cascade, options) => refreshStale(cascade, { ...options, sources, force }),
      );
    })));
}
