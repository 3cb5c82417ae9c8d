import { quoteInput } from "@ipcascade/core";
import type { InputItem, InputOrigin } from "@ipcascade/operations";

/** Longest line or element of a request's body, in bytes or characters. */
export const MAX_ELEMENT_SIZE = 64 * 1024;

/** Longest text that an error record repeats. */
const MAX_SHOWN = 200;

const ALLOWED = 'allowed are a JSON string such as "8.8.8.8" and an object such as {"ip": "8.8.8.8"}';

/** Reads one element of a body: a JSON string, or an object with `ip`. Others become an item with a problem. */
export function readElement(text: string, line: number, element?: number): InputItem {
  const origin = originOf(line, element);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return problemItem(text, origin, `Cannot read ${quoteInput(text)} as JSON: ${ALLOWED}`);
  }
  const address = typeof value === "string" ? value : readIp(value);
  if (address !== null) return { text: address.trim(), origin };
  return problemItem(text, origin, `Cannot find an address in ${quoteInput(text)}: ${ALLOWED}`);
}

/** An item for an element that is longer than allowed; `head` is its beginning. */
export function tooLongItem(head: string, line: number, element?: number): InputItem {
  return problemItem(
    head,
    originOf(line, element),
    `Cannot read an element of more than ${MAX_ELEMENT_SIZE} bytes: it is skipped`,
  );
}

/** Where an element stood; `element` is its number in an array, from 1 on. */
export function originOf(line: number, element?: number): InputOrigin {
  return element === undefined ? { name: "body", line } : { name: "body", line, element };
}

function readIp(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "ip")) return null;
  const { ip } = value as { readonly ip: unknown };
  return typeof ip === "string" ? ip : null;
}

function problemItem(text: string, origin: InputOrigin, problem: string): InputItem {
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return { text: shown, origin, problem };
}
