import type { MmdbValue } from "./mmdb_value.ts";

/** The value of a field; undefined where a record does not have it. */
export type MmdbField = MmdbValue | undefined;

/** Characters that a store would not give back as they were. */
const UNSTORABLE = /[\p{Cc}\p{Cs}]/gu;

/** A text without control characters, so that what is printed is what is stored; null when nothing is left. */
export function readText(value: MmdbField): string | null {
  if (typeof value !== "string" || value === "") return null;
  return isPlain(value) ? value : value.replace(UNSTORABLE, "") || null;
}

/** Tells texts of printable ASCII, which most are and which need no expression. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/** A finite number in a range, its ends included; null for anything else. */
export function readNumber(value: MmdbField, min: number, max: number): number | null {
  return typeof value === "number" && value >= min && value <= max ? value : null;
}
