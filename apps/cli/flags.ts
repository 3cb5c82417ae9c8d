import { SOURCE_NAMES, type SourceName, UsageError } from "@ipcascade/core";

/** Flags as the parser leaves them: text, numbers, booleans, or a list where a flag was given twice. */
export type RawFlags = Readonly<Record<string, unknown>>;

/** Reads a text flag; undefined when it was not given. */
export function readText(flags: RawFlags, name: string): string | undefined {
  const value = flags[camelCase(name)];
  if (value === undefined) return undefined;
  if (typeof value === "string" || typeof value === "number") return String(value);
  const problem = Array.isArray(value) ? "it was given more than once" : "it needs a value";
  throw new UsageError(`Cannot read --${name}: ${problem}`);
}

/** Reads a flag that is there or not. */
export function readSwitch(flags: RawFlags, name: string): boolean {
  return flags[camelCase(name)] === true;
}

/** Reads a whole number between bounds, inclusive. */
export function readInteger(
  flags: RawFlags,
  name: string,
  bounds: { readonly min: number; readonly max: number },
): number | undefined {
  const text = readText(flags, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= bounds.min && value <= bounds.max) return value;
  throw new UsageError(
    `Cannot read --${name} ${
      JSON.stringify(text)
    }: allowed are whole numbers from ${bounds.min} to ${bounds.max}`,
  );
}

/** Reads one of a few words. */
export function readChoice<Choice extends string>(
  flags: RawFlags,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = readText(flags, name);
  const choice = choices.find((one) => one === text);
  if (text === undefined || choice !== undefined) return choice;
  throw new UsageError(`Cannot read --${name} ${JSON.stringify(text)}: allowed are ${choices.join(", ")}`);
}

/** Reads a comma list of sources. */
export function readSources(flags: RawFlags, name: string): readonly SourceName[] | undefined {
  const text = readText(flags, name);
  if (text === undefined) return undefined;
  return text.split(",").map((part) => {
    const source = SOURCE_NAMES.find((one) => one === part.trim());
    if (source !== undefined) return source;
    throw new UsageError(
      `Cannot read --${name} ${JSON.stringify(text)}: allowed is a comma list of ${SOURCE_NAMES.join(", ")}`,
    );
  });
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
