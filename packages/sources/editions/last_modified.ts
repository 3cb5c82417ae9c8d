/** Reads a `Last-Modified` header as RFC 3339; null when it is absent or no HTTP date. */
export function readLastModified(headers: Headers): string | null {
  const text = headers.get("last-modified") ?? "";
  // Every form of RFC 9110 names the month; bare numbers would be read as years.
  const instant = /[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(instant) ? null : new Date(instant).toISOString();
}
