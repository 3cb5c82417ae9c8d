import { quoteInput } from "./settings_core.ts";
import type { LayerValue } from "./settings_layer.ts";

/** What a settings file holds; `problems` are whole sentences for people, without values. */
export interface SettingsFile {
  /** By setting name. */
  readonly values: ReadonlyMap<string, LayerValue>;
  /** A sentence for each line that can't be used. */
  readonly problems: readonly string[];
}

/**
 * Reads the lines of a settings file: `NAME=VALUE`, an optional `export` before it, comment lines with `#`. A value may stand in single or
 * double quotes; nothing is expanded. An empty value is an unset one.
 */
export function parseSettingsFile(text: string, path: string): SettingsFile {
  const values = new Map<string, LayerValue>();
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const [i, raw] of text.replace(/^\uFEFF/, "").split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const place = `${quoteInput(path)} line ${i + 1}`;
    const match = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/.exec(line);
    if (match === null) {
      problems.push(`Cannot read ${place}: allowed are NAME=VALUE, comments after # and empty lines`);
      continue;
    }
    const name = match[1]!;
    const value = unquote(match[2]!);
    if (value === null) {
      problems.push(
        `Cannot read ${name} in ${place}: a value with quotes or " #" in it stands in quotes as a whole`,
      );
    } else if (seen.has(name)) {
      problems.push(`Cannot read ${name} in ${place}: the file sets it twice`);
    } else if (value !== "") {
      values.set(name, { text: value, place, label: name });
    }
    seen.add(name);
  }
  return { values, problems };
}

/** The value without its quotes; null when it is neither plain nor quoted as a whole. */
function unquote(text: string): string | null {
  const quote = text[0];
  if (quote === '"' || quote === "'") {
    const end = text.indexOf(quote, 1);
    return end === text.length - 1 && end > 0 ? text.slice(1, -1).trim() : null;
  }
  // A comment after a value would silently become a part of it.
  return /\s#/.test(text) ? null : text;
}
