import type { CAC } from "cac";
import { describeSettings } from "@ipcascade/platform";
import { renderTextTable } from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";
import { readChoice } from "../flags.ts";
import { type RunCommand, takingNone } from "./command.ts";

/** Adds `config`. */
export function addCommand(cli: CAC, run: RunCommand, context: CliContext): void {
  const command = cli.command("config", "Print every setting and where it comes from; secrets are masked");
  command.option("--format <format>", "Write as table or json (default: table)");
  command.action(takingNone(run(async (_inputs, flags) => {
    const format = readChoice(flags, "format", ["table", "json"] as const) ?? "table";
    const rows = describeSettings(context.settings);
    const text = format === "json" ? `${JSON.stringify(rows, null, 2)}\n` : renderTextTable(
      ["SETTING", "VALUE", "FROM", "NOTE"],
      rows.map((row) => [row.name, row.value, row.source, row.note]),
    );
    await context.stdout.write(text);
    return EXIT.done;
  })));
}
