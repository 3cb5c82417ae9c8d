/** Writes a number of bytes in the unit that suits it: B, kB, MB or GB, of a thousand each. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  if (bytes < 1e3) return `${bytes} B`;
  return `${(bytes / 1e3).toFixed(1)} kB`;
}
