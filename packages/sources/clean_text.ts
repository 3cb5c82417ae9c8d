/** Control characters (NUL among them) and halves of surrogate pairs, which `jsonb` refuses, and white space. */
const UNWANTED = /[\p{Cc}\p{Cs}\s]+/gu;

/**
 * Makes a provider's text fit to store: runs of control characters and white space become one space, the ends
 * are trimmed, and at most `maxLength` code points are kept. Null when nothing is left.
 */
export function cleanText(text: string, maxLength: number): string | null {
  const cleaned = text.replace(UNWANTED, " ").trim();
  if (cleaned === "") return null;
  if (cleaned.length <= maxLength) return cleaned;
  return Array.from(cleaned).slice(0, maxLength).join("").trimEnd();
}
