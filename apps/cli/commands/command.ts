import type { CAC, Command } from "cac";
import type { CliContext } from "../context.ts";

/** What a command does with its arguments and flags; gives the exit status. */
export type CommandWork = (inputs: readonly string[], flags: Record<string, unknown>) => Promise<number>;

/** Wraps a command's work for the parser. */
export type RunCommand = (
  work: CommandWork,
) => (inputs: readonly unknown[], flags: Record<string, unknown>) => Promise<void>;

/** Adds a command to the parser. */
export type AddCommand = (cli: CAC, run: RunCommand, context: CliContext) => void;

/** The action of a command that takes no inputs. */
export function takingNone(
  action: ReturnType<RunCommand>,
): (flags: Record<string, unknown>) => Promise<void> {
  return (flags) => action([], flags);
}

/**
 * The parser gives what `--no-…` switches off a default, and shows that in the help. Without it an option that nobody
 * gave is absent, as all others are.
 */
export function withoutDefaults(command: Command): Command {
  for (const option of command.options) {
    if (option.negated) delete option.config.default;
  }
  return command;
}
