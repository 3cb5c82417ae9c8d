import type { LineChunk } from "./input_lines.ts";

/** One text to look up. */
export interface InputItem {
  /** An address, block or range, or what stood in its place; untrusted. */
  readonly text: string;
  /** Where it stood, with the number of its line; null for an argument, and for an input that can't be read at all. */
  readonly origin: { readonly name: string; readonly line: number } | null;
  /** Set when the place could not be understood: what is wrong and what is allowed. */
  readonly problem?: string;
  /** True where the problem is that of a whole file: it can't be read, or not to its end. */
  readonly isFile?: boolean;
}

/** Finds the items in the lines of one input, chunk by chunk. */
export interface ItemReader {
  /** The items that these lines complete. */
  read(chunk: LineChunk): readonly InputItem[];
  /** Delivers what waited for more lines. */
  end(): readonly InputItem[];
}

/** Longest text that an item with a problem repeats. */
const MAX_PROBLEM_TEXT = 200;

/** An item for a line that could not be understood. */
export function problemItem(text: string, origin: InputItem["origin"], problem: string): InputItem {
  const shown = text.length > MAX_PROBLEM_TEXT ? `${text.slice(0, MAX_PROBLEM_TEXT)}…` : text;
  return { text: ownText(shown), origin, problem };
}

/** An item for an input that could be read up to a line, from 1. */
export function failureItem(name: string, line: number, problem: string): InputItem {
  // One of which nothing was read has no lines.
  return { ...problemItem(name, line > 1 ? { name, line } : null, problem), isFile: true };
}

/** Below this length every engine copies a slice; from here on V8 makes it a view of the text that it was cut from. */
const COPIED_LENGTH = 12;

/** Longest text worth copying: addresses, blocks and ranges of IPv6 are shorter. */
const MAX_OWN_LENGTH = 96;

/**
 * A copy of a short text that was cut from a long one. A cache that keeps an address would otherwise keep the whole
 * piece of the file that it stood in.
 */
export function ownText(text: string): string {
  if (text.length <= COPIED_LENGTH || text.length > MAX_OWN_LENGTH) return text;
  let own = "";
  for (let i = 0; i < text.length; i += COPIED_LENGTH) own += text.slice(i, i + COPIED_LENGTH);
  return own;
}
