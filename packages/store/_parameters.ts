/** Separates the elements of a joined text list; `cleanText` keeps it out of the elements. */
const SEPARATOR = "\u0001";
/** Stands for null in a joined text list. */
const NULL_ELEMENT = "\u0002";

/** Reads a joined text list as `text[]`: parsing is several times faster than that of a quoted array literal. */
export function textList(placeholder: string): string {
  return `string_to_array(${placeholder}::text, chr(1), chr(2))`;
}

/** Joins texts for `textList`. An empty list is null, for `string_to_array` makes no array of one empty text. */
export function joinTexts(values: readonly (string | null)[]): string | null {
  if (values.length === 0) return null;
  return values.map((value) => value === null ? NULL_ELEMENT : cleanText(value)).join(SEPARATOR);
}

/** Writes an array literal of values that need no quotes: numbers, booleans, addresses. */
export function arrayLiteral(values: readonly (string | number | boolean | null)[]): string {
  return `{${values.map((value) => value === null ? "null" : value).join(",")}}`;
}

// deno-lint-ignore no-control-regex -- these are the characters that must not reach the database
const CONTROLS = /[\u0000-\u0002]/g;
const LONE_SURROGATES = /\p{Surrogate}/gu;
// deno-lint-ignore no-control-regex -- texts without any of these, which are nearly all, need no closer look
const SUSPECTS = /[\u0000-\u0002\ud800-\udfff]/;

/** A text that PostgreSQL can store and that can't be taken for a separator: without NUL, well-formed. */
export function cleanText(text: string): string {
  if (!SUSPECTS.test(text)) return text;
  return text.replace(CONTROLS, "").replace(LONE_SURROGATES, "\ufffd");
}

/** What `JSON.stringify` writes for NUL and for lone surrogates, which `jsonb` refuses (or an escape that looks alike). */
const SUSPICIOUS = /\\u(?:0000|d[89a-f])/;

/** JSON text that `jsonb` accepts. */
export function cleanJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (!SUSPICIOUS.test(text)) return text;
  return JSON.stringify(value, (_key, part: unknown) => typeof part === "string" ? cleanText(part) : part);
}
