/** Marks a text that the parser must leave alone; no argument of a command line can hold it. */
const MARK = "\u0000";

/**
 * Marks what the parser would change: it makes numbers of `007`, `1e3` and the empty text, and swallows `-` together
 * with the argument behind it. What stands behind `--` it leaves alone.
 */
export function protectArguments(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return args.map((arg, index) => end >= 0 && index >= end ? arg : protectArgument(arg));
}

function protectArgument(arg: string): string {
  const [, flag = "", value = arg] = /^(--[^=]+=)(.*)$/s.exec(arg) ?? [];
  return value === "-" || isNumber(value) ? flag + MARK + value : arg;
}

/** Negative numbers look like flags to the parser, whatever is done. */
function isNumber(text: string): boolean {
  return !text.startsWith("-") && Number.isFinite(Number(text));
}

/** The value of a flag as it was written. */
export function restore(value: unknown): unknown {
  return typeof value === "string" ? restoreText(value) : value;
}

/** A text as it was written. */
export function restoreText(text: string): string {
  return text.replaceAll(MARK, "");
}
