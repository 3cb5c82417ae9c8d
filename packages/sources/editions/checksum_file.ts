/**
 * Reads the SHA-256 that a `.sha256` file tells of the file beside it: bare, or in a line as `sha256sum` writes them,
 * before a name. Of several lines the one that names the file counts. Null when it tells none.
 */
export function readChecksumFile(text: string, name: string): string | null {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const entries = lines.map((line) => /^\\?([0-9a-f]{64})(?:\s+\*?(.+?))?\s*$/i.exec(line.trim()));
  const [only] = entries;
  // A file of a release is named with its date there, and without it here.
  const found = entries.length === 1
    ? only
    : entries.find((entry) => entry?.[2]?.replace(/^.*\//, "") === name);
  return found?.[1]?.toLowerCase() ?? null;
}
