import { quoteInput } from "./settings_core.ts";

/** Names with one of these beginnings are ours or a provider's: an unknown one is a mistake. */
const PREFIXES = ["IPCASCADE_", "GEOIPUPDATE_", "GREYNOISE_", "CYMRU_", "DIAGNOSE_", "SCHEDULE_"];

/** Names that other programs of the same surroundings read, and nothing here does. */
const FOREIGN = new Set([
  "GEOIPUPDATE_VERBOSE",
  "GEOIPUPDATE_PARALLELISM",
  "GEOIPUPDATE_PRESERVE_FILE_TIMES",
  "GEOIPUPDATE_FREQUENCY",
  "GREYNOISE_PROXY",
  "GREYNOISE_OFFERING",
]);

/** Tells whether a variable of the environment claims to be a setting, by its beginning. */
export function claimsToBeSetting(name: string): boolean {
  return PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Tells whether another program reads this name. */
export function isForeignName(name: string): boolean {
  return FOREIGN.has(name);
}

/** Says that a name is unknown, with the nearest known one when one is near. */
export function explainUnknownName(
  name: string,
  options: { known: readonly string[]; place: string },
): string {
  const nearest = findNearestName(name, options.known);
  const hint = nearest === null
    ? `allowed are ${
      options.known.filter((known) => samePrefix(known, name)).join(", ") || options.known.join(", ")
    }`
    : `did you mean ${nearest}?`;
  return `Cannot use setting ${quoteInput(name)} (${options.place}): there is no such setting, ${hint}`;
}

function samePrefix(known: string, name: string): boolean {
  return PREFIXES.some((prefix) => known.startsWith(prefix) && name.startsWith(prefix));
}

/** The known name that takes the fewest edits; null when even that one takes more than a third of the name. */
export function findNearestName(name: string, known: readonly string[]): string | null {
  let nearest: string | null = null;
  let fewest = Math.floor(name.length / 3) + 1;
  for (const candidate of known) {
    const edits = countEdits(name.toUpperCase(), candidate.toUpperCase());
    if (edits >= fewest) continue;
    fewest = edits;
    nearest = candidate;
  }
  return nearest;
}

/** Edits between two texts: insert, delete, replace, or swap two neighbours (optimal string alignment). */
export function countEdits(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, beforeLast[j - 2]! + 1);
      }
      row.push(edits);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
