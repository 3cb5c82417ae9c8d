import { quoteInput, UsageError } from "@ipcascade/core";
import type { RawFlags } from "../flags.ts";

/**
 * The action of a command by its name. Throws `UsageError` that names those there are, with `others` that the command
 * knows besides.
 */
export function pickAction<Action>(
  command: string,
  name: string,
  actions: Readonly<Record<string, Action>>,
  others: readonly string[] = [],
): Action {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action !== undefined) return action;
  throw new UsageError(
    `Cannot run ${command} ${quoteInput(name)}: allowed are ${
      [...Object.keys(actions), ...others].join(", ")
    }`,
  );
}

/**
 * Throws `UsageError` for an option that belongs to other actions. `options` are all that some action has, as the
 * parser names them and as they are written.
 */
export function refuseOptions(
  action: string,
  flags: RawFlags,
  options: Readonly<Record<string, string>>,
  own: readonly string[],
): void {
  for (const [option, written] of Object.entries(options)) {
    if (flags[option] === undefined || own.includes(option)) continue;
    throw new UsageError(`Cannot use ${written} with ${action}`);
  }
}
