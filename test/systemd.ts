import { existsSync } from "node:fs";

const PROGRAM = "/usr/bin/systemd-analyze";

/**
 * A test with systemd's own tools by its name, left out with a notice where there is no systemd and nobody demands it.
 * On a CI machine it runs and fails.
 */
export function systemdTest(name: string): { readonly name: string; readonly ignore: boolean } {
  const ignore = !existsSync(PROGRAM) && Deno.env.get("CI") !== "true";
  // Deno hides what is printed here from a quiet run, but not the names of tests.
  return { name: ignore ? `${name} (left out: no systemd, see apt-get install systemd)` : name, ignore };
}

/** Runs `systemd-analyze` in UTC. */
export async function runSystemdAnalyze(
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  const command = new Deno.Command(PROGRAM, {
    args: [...args],
    env: { TZ: "UTC", LC_ALL: "C", SYSTEMD_COLORS: "0" },
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** When a line of `OnCalendar` elapses after an instant, by systemd's own word. */
export async function listElapses(line: string, after: number, count: number): Promise<readonly number[]> {
  const base = new Date(after).toISOString().replace("T", " ").replace(/\.\d+Z/, " UTC");
  const args = ["calendar", `--base-time=${base}`, `--iterations=${count}`, line];
  const { code, output } = await runSystemdAnalyze(args);
  if (code !== 0) throw new Error(`Cannot read "${line}": ${output}`);
  const found = output.matchAll(/(?:Next elapse|Iter\. #\d+): \w+ (\d+-\d+-\d+) (\d+:\d+:\d+) UTC/g);
  return Array.from(found, ([, day, time]) => Date.parse(`${day}T${time}Z`));
}
