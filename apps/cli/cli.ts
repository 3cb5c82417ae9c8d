import { cac } from "cac";
import { BackupMissingError, quoteInput, UsageError, VERSION } from "@ipcascade/core";
import type { Terminal } from "@ipcascade/platform";
import { loadCommands } from "./commands/load.ts";
import { describeError, EXIT, exitStatusOf } from "./exit_status.ts";
import { CliContext } from "./context.ts";
import { addHelpDetails } from "./help_details.ts";
import { protectArguments, restore, restoreText } from "./parser_guard.ts";

/** Runs one command line and gives its exit status. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const context = new CliContext(terminal);
  try {
    const status = await dispatch(args, context);
    // A report that could not be written was not given.
    await context.stdout.flush();
    return status;
  } catch (error) {
    if (context.outputIsGone) return EXIT.done;
    const isUsage = error instanceof UsageError || isParserError(error);
    context.complain(isParserError(error) ? describeParserError(error) : describeError(error));
    // Who names what is not there knows the options.
    if (isUsage && !(error instanceof BackupMissingError)) {
      context.complain("ipcascade --help lists the commands, ipcascade COMMAND --help their options");
    }
    return isUsage ? EXIT.usage : exitStatusOf(error);
  } finally {
    // What can't be written any more was complained of above, or nobody reads it.
    await context.close().catch(() => {});
  }
}

async function dispatch(args: readonly string[], context: CliContext): Promise<number> {
  let status: number = EXIT.done;
  const cli = cac("ipcascade");
  const run = (work: (inputs: readonly string[], flags: Record<string, unknown>) => Promise<number>) => {
    return async (inputs: readonly unknown[], flags: Record<string, unknown>) => {
      const { "--": behindDashes, ...raw } = flags;
      const texts = [...inputs, ...Array.isArray(behindDashes) ? behindDashes : []];
      const restored = Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, restore(value)]));
      context.open(restored);
      status = await work(texts.map((text) => restoreText(String(text))), restored);
    };
  };
  for (const addCommand of await loadCommands(args)) addCommand(cli, run, context);
  cli.option("--data-dir <dir>", "Directory of the embedded database and the editions");
  cli.option("--quiet", "Write nothing but data and errors");
  cli.option("--verbose", "Write what happens, for finding faults");
  cli.help((sections) => addHelpDetails(cli.matchedCommandName, sections));
  cli.option("--version", "Print the version");
  cli.parse(["", "", ...protectArguments(args)], { run: false });
  if (cli.options.help === true) return EXIT.done;
  if (cli.options.version === true) {
    await context.stdout.write(`ipcascade/${VERSION}\n`);
    return EXIT.done;
  }
  if (cli.matchedCommand === undefined) {
    const [name] = cli.args;
    if (name !== undefined) {
      throw new UsageError(`Cannot run ${quoteInput(restoreText(String(name)))}: there is no such command`);
    }
    cli.outputHelp();
    return EXIT.usage;
  }
  await cli.runMatchedCommand();
  return status;
}

function isParserError(error: unknown): error is Error {
  return error instanceof Error && error.name === "CACError";
}

/** The parser names an option as it names the property, not as it was written. */
function describeParserError({ message }: Error): string {
  const [, dashes = "", name = ""] = /^Unknown option `(--?)(.+)`$/.exec(message) ?? [];
  if (name === "") return restoreText(message);
  const written = dashes + name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `Cannot use ${quoteInput(written)}: there is no such option`;
}
