import { parseAddress } from "./address.ts";

/** Why an input can't be looked up; goes into the record in place of an answer. */
export interface InputError {
  readonly code: "INVALID_ADDRESS" | "RANGE_TOO_LARGE" | "UNREADABLE_LINE";
  readonly message: string;
}

const MAX_QUOTED = 100;

// What JSON leaves as it is and a terminal obeys or hides: DEL, C1 controls, separators, marks of direction.
const UNPRINTABLE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Quotes outside text for a message: control characters escaped, long text cut. */
export function quoteInput(text: string): string {
  const quoted = JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
  return quoted.replace(UNPRINTABLE, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** What a place takes besides single addresses; default true. */
export interface AllowedTargets {
  /** True where blocks and ranges are taken, too. */
  readonly spans?: boolean;
}

/** Says why a text is no address, and what is allowed. */
export function explainInvalidAddress(text: string, { spans = true }: AllowedTargets = {}): InputError {
  return {
    code: "INVALID_ADDRESS",
    message: `Cannot read ${quoteInput(text)} as an IP address: ${findProblem(text, spans)}`,
  };
}

function findProblem(text: string, spans: boolean): string {
  if (text.trim() === "") return "it is empty";
  const percent = text.indexOf("%");
  if (percent > 0 && parseAddress(text.slice(0, percent)) !== null) {
    return "zone ids are not allowed, an address without one is meant";
  }
  if (/^\[.*\](:\d+)?$/.test(text) || /^\d+\.\d+\.\d+\.\d+:\d+$/.test(text)) {
    return "ports and brackets are not allowed";
  }
  if (/(^|\.)0\d/.test(text) && parseAddress(text.replace(/(^|\.)0+(?=\d)/g, "$1")) !== null) {
    return "leading zeros are not allowed, they are octal to some programs and decimal to others";
  }
  if (!spans) return "allowed is one IPv4 or IPv6 address";
  if (text.includes("/")) return "a block is written as 192.0.2.0/24 or 2001:db8::/64";
  if (/^[^-]+-[^-]+$/.test(text)) return "a range is written as 192.0.2.1-192.0.2.9, first to last";
  return "allowed are IPv4, IPv6, blocks such as 192.0.2.0/24 and ranges such as 192.0.2.1-192.0.2.9";
}

/** How large a block or range is, and how large it may be. */
export interface LargeSpan {
  readonly count: bigint;
  readonly max: number;
  /** How to allow more, where that can be done. */
  readonly advice?: string;
}

/** Says that a block or range holds more addresses than may be expanded. */
export function explainLargeSpan(text: string, { count, max, advice }: LargeSpan): InputError {
  const more = advice === undefined ? "" : `; ${advice}`;
  return {
    code: "RANGE_TOO_LARGE",
    message: `Cannot expand ${quoteInput(text)}: it holds ${count} addresses, allowed are ${max}${more}`,
  };
}
