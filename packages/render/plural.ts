/** A noun as it stands behind a number: its plural ends in -s, or in -es behind a hiss. */
export function nounFor(count: number, noun: string): string {
  if (count === 1) return noun;
  return `${noun}${/(s|ch)$/.test(noun) ? "es" : "s"}`;
}
