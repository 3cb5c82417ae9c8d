import { accept, type Reading, refuse } from "./settings_reading.ts";

/** Reads a path; a leading `~/` is the home directory, since no shell expands it in a file. */
export function readPath(text: string, home: string | null): Reading<string> {
  if (text.includes("\0")) return refuse("a path");
  if (!text.startsWith("~/")) return accept(text);
  return home === null
    ? refuse("a path without ~/ while HOME is not set")
    : accept(`${home}/${text.slice(2)}`);
}
