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
 * True where a test that needs a browser must be left out: there is none, and nobody demands it. On a CI machine the
 * test runs and fails.
 */
export function lacksChromium(): boolean {
  if (findChromium() !== null || Deno.env.get("CI") === "true") return false;
  console.warn("No Chromium is installed: tests in a browser are left out (apt-get install chromium)");
  return true;
}

/** Starts a Chromium. Throws where there is none. */
export async function openChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error("Cannot test in a browser: no Chromium is installed");
  // Containers and root have no sandbox, and what is shown is our own page.
  return await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}
