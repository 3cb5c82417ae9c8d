import type { CAC } from "cac";
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
