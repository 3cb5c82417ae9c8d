/** Marks a text that the parser must leave alone; no argument of a command line can hold it. */
const MARK = "\u0000";

/**
 * Marks what the parser would change: it makes numbers of `007`, `1e3` and the empty text, and swallows `-` together
 * with the argument behind it. What stands behind `--` it leaves alone.
 */
export function protectArguments(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return args.map((arg, index) => {
    if (end >= 0 && index >= end) return arg;
    // Behind an option a negative number is its value, and no option of its own.
    const isValue = /^-\d/.test(arg) && /^--[^=]+$/.test(args[index - 1] ?? "");
    return isValue ? MARK + arg : protectArgument(arg);
  });
}

function protectArgument(arg: string): string {
  const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
  if (name === undefined) return protectValue(arg);
  // Written with dashes, the parser doesn't know a switch for one, and takes the next argument for its value.
  const flag = `--${camelCase(name)}`;
  return value === undefined ? flag : `${flag}=${protectValue(value)}`;
}

function protectValue(text: string): string {
  return text === "-" || isNumber(text) ? MARK + text : text;
}

function camelCase(name: string): string {
  return name.startsWith("no-")
    ? name
    : name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Where no option is before it, a negative number looks like a flag. */
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
