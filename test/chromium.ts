import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where Debian, Ubuntu and others put it; `CHROMIUM` names another place. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The path of a Chromium; null where there is none. */
export function findChromium(): string | null {
  const named = Deno.env.get("CHROMIUM");
  return (named === undefined ? PLACES : [named]).find((path) => existsSync(path)) ?? null;
}

/**
 * A test in a browser by its name, left out with a notice where there is none and nobody demands it. On a CI machine
 * it runs and fails.
 */
export function browserTest(name: string): { readonly name: string; readonly ignore: boolean } {
  const ignore = findChromium() === null && Deno.env.get("CI") !== "true";
  // Deno hides what is printed here from a quiet run, but not the names of tests.
  return {
    name: ignore ? `${name} (left out: no Chromium is installed, see apt-get install chromium)` : name,
    ignore,
  };
}

/** Starts a Chromium. Throws where there is none. */
export async function openChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error("Cannot test in a browser: no Chromium is installed");
  // Containers and root have no sandbox, and what is shown is our own page.
  return await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}
