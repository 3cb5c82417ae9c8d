import { assertEquals } from "@std/assert";
import type { ApiWorld } from "./api_world.ts";

/** Scrapes once. */
export async function scrape(world: ApiWorld): Promise<string> {
  const response = await world.fetch("/metrics");
  assertEquals(response.status, 200);
  return await response.text();
}

/** The last of what is read in the background. */
const BACKGROUND = ["inventory_counted", "health_checked", "edition_build"];

/** Scrapes until everything that is read in the background is known. */
export async function scrapeKnown(world: ApiWorld): Promise<string> {
  const until = performance.now() + 10_000;
  for (;;) {
    const text = await scrape(world);
    if (BACKGROUND.every((name) => text.includes(`\nipcascade_${name}_timestamp_seconds`))) return text;
    if (performance.now() > until) throw new Error(`Not known after 10 s:\n${text}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The values of an exposition by name with labels. */
export function readSamples(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => {
    const space = line.lastIndexOf(" ");
    return [line.slice(0, space), Number(line.slice(space + 1))];
  }));
}

/** Runs promtool; null where it is not installed, which is told: nothing was checked then. */
export async function runPromtool(
  args: readonly string[],
  stdin = "",
): Promise<{ readonly code: number; readonly output: string } | null> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("promtool", {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    })
      .spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.warn(`NOT CHECKED: promtool ${args.join(" ")} (promtool is not installed)`);
    return null;
  }
  const writer = child.stdin.getWriter();
  // It may end before it has read everything.
  await writer.write(new TextEncoder().encode(stdin)).then(() => writer.close()).catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Has an exposition checked by `promtool check metrics`, where it is installed. */
export async function checkMetrics(text: string): Promise<void> {
  const result = await runPromtool(["check", "metrics"], text);
  if (result !== null) assertEquals(result, { code: 0, output: "" });
}
