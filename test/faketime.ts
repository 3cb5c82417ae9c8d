import { existsSync } from "node:fs";

/** Where Debian and its kin put it; `FAKETIME_PROGRAM` names another place. */
const PLACES = ["/usr/bin/faketime"];

/** The path of the program that starts others under another clock; null where there is none. */
export function findFaketime(): string | null {
  const named = Deno.env.get("FAKETIME_PROGRAM");
  return (named === undefined ? PLACES : [named]).find((path) => existsSync(path)) ?? null;
}

/**
 * A test under another clock by its name, left out with a notice where there is no such program and nobody demands it.
 * On a CI machine it runs and fails.
 */
export function faketimeTest(name: string): { readonly name: string; readonly ignore: boolean } {
  const ignore = findFaketime() === null && Deno.env.get("CI") !== "true";
  // Deno hides what is printed here from a quiet run, but not the names of tests.
  return {
    name: ignore ? `${name} (left out: faketime is not installed, see apt-get install faketime)` : name,
    ignore,
  };
}
