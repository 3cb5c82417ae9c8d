import { stat } from "node:fs/promises";
import process from "node:process";
import { parseTarget, UsageError } from "@ipcascade/core";
import type { InputItem } from "./input_item.ts";
import { type ItemOptions, readItems } from "./input_items.ts";
import { fileSource, type InputSource, stdinSource } from "./input_source.ts";

/** What arguments are resolved against. */
export interface ArgumentContext {
  /** True when nothing is piped in. */
  readonly isTerminal: boolean;
  /** What `-` stands for. */
  readonly stdin: InputSource;
  /** Tells whether a path leads to anything. */
  exists(path: string): Promise<boolean>;
}

/** The surroundings of this process. */
export function processArgumentContext(): ArgumentContext {
  return { isTerminal: process.stdin.isTTY === true, stdin: stdinSource(), exists };
}

/** What one argument stands for. */
export type Argument =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "source"; readonly source: InputSource };

/**
 * Tells what each argument stands for: an address, block or range is itself; `-` is the standard input; an existing
 * path is a file, and so is what looks like one and is missing; anything else goes through as text. Without arguments the standard input is read, unless that is a
 * terminal: `UsageError`.
 */
export async function resolveArguments(
  args: readonly string[],
  context: ArgumentContext = processArgumentContext(),
): Promise<readonly Argument[]> {
  if (args.length > 0) return await Promise.all(args.map((text) => resolveArgument(text, context)));
  if (!context.isTerminal) return [{ kind: "source", source: context.stdin }];
  throw new UsageError(
    "Cannot read the inputs: none were given, allowed are addresses, blocks, ranges, files and - for standard input",
  );
}

async function resolveArgument(text: string, context: ArgumentContext): Promise<Argument> {
  if (text === "-") return { kind: "source", source: context.stdin };
  if (parseTarget(text) !== null) return { kind: "text", text };
  // Reading a missing file tells that it is missing, which helps more than what an address looks like.
  const isFile = looksLikePath(text) || await context.exists(text);
  return isFile ? { kind: "source", source: fileSource(text) } : { kind: "text", text };
}

/** From a root or a directory on; or with a word behind the last slash; or with an ending that inputs have. */
const PATHS = [
  /^(\.{0,2}|~)\//,
  /\/[^/]*[g-z_][^/]*$/i,
  /\.(txt|csv|tsv|json|ndjson|jsonl|log|lst|list|gz)(\.|$)/i,
];

function looksLikePath(text: string): boolean {
  return PATHS.some((path) => path.test(text));
}

/** The inputs of arguments that can only be files, or `-` for the standard input. */
export function fileArguments(args: readonly string[]): readonly InputSource[] {
  return args.map((path) => path === "-" ? stdinSource() : fileSource(path));
}

/** Reads the items of resolved arguments in their order; see `readItems`. */
export async function* readArguments(
  args: readonly Argument[],
  options: ItemOptions,
): AsyncGenerator<readonly InputItem[]> {
  for (const argument of args) {
    if (options.stop?.aborted) return;
    if (argument.kind === "text") yield [{ text: argument.text, origin: null }];
    else yield* readItems([argument.source], options);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    // A path that is there but may not be looked at is a file that can't be read, not an address.
    return error instanceof Error && "code" in error && error.code === "EACCES";
  }
}
