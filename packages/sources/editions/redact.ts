/** Shorter secrets occur in any text. */
const MIN_SECRET_LENGTH = 3;

/** Addresses, queries, and runs as long as tokens, keys and signatures are. */
const SUSPECTS = [/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)]*/gi, /\?[^\s"'<>)]*=[^\s"'<>)]*/g, /[\w+/=%.~-]{24,}/g];

/** Replaces secrets in somebody else's text, in any case, and whatever looks like one, with `***`. */
export function redact(text: string, secrets: readonly string[]): string {
  const known = secrets
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .toSorted((a, b) => b.length - a.length)
    .map((secret) => new RegExp(secret.replace(/[^A-Za-z0-9]/g, "\\$&"), "gi"));
  return [...known, ...SUSPECTS].reduce((redacted, pattern) => redacted.replace(pattern, "***"), text);
}
