/** Milliseconds since 1970 UTC as an instant. */
export function instant(placeholder: string): string {
  return `to_timestamp(${placeholder}::float8 / 1000)`;
}

/** Whole milliseconds: seconds as a float lose the last digits. */
export function roundMs(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}
