import { DENO_RUN } from "@ipcascade/testkit";
import { findFaketime } from "./faketime.ts";

const CHILD = new URL("cron_child.ts", import.meta.url).pathname;

/** How long before the minute a child starts: on a machine that is busy the first may be too short. */
const LEADS_S = [3, 12, 40];

/** A faketime that was killed leaves a semaphore by its process number, which the next one of that number stumbles over. */
const TAKEN = "sem_open: File exists";
const MAX_TRIES = 5;

/** What `Deno.cron` made of some lines. */
export interface CronObservation {
  /** Names of the lines that it took and that fired in the minute, in alphabetical order. */
  readonly fired: readonly string[];
  /** Names of the lines that it refused. */
  readonly refused: readonly string[];
}

/**
 * Observes which cron lines fire in one minute, such as `2026-11-29T02:00Z`: a process of its own registers them with
 * the real `Deno.cron` while its clock stands a few seconds before that minute. At most 99 lines; null is off.
 */
export async function watchCrons(
  lines: Readonly<Record<string, string | null>>,
  minute: string,
): Promise<CronObservation> {
  for (const lead of LEADS_S) {
    const output = await runChild(lines, Date.parse(minute) - lead * 1000);
    const readyAt = Number(/^ready (\d+)$/m.exec(output)?.[1] ?? NaN);
    if (Number.isNaN(readyAt)) throw new Error(`Cannot observe crons: ${output}`);
    if (readyAt >= Date.parse(minute)) continue;
    if (!/^over$/m.test(output)) throw new Error(`Cannot observe crons to the end: ${output}`);
    return { fired: listNames(output, "fired"), refused: listNames(output, "refused") };
  }
  throw new Error(`Cannot observe crons: no process started within ${LEADS_S.at(-1)} s`);
}

async function runChild(lines: Readonly<Record<string, string | null>>, startAt: number): Promise<string> {
  const program = findFaketime();
  if (program === null) throw new Error("Cannot set a clock: faketime is not installed");
  const start = new Date(startAt).toISOString().slice(0, 19).replace("T", " ");
  const command = new Deno.Command(program, {
    args: ["-f", `@${start}`, Deno.execPath(), ...DENO_RUN, "--unstable-cron", CHILD, JSON.stringify(lines)],
    env: { TZ: "UTC" },
    stdin: "null",
  });
  for (let tries = 1;; tries++) {
    const { stdout, stderr } = await command.output();
    const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    if (tries === MAX_TRIES || !output.includes(TAKEN)) return output;
  }
}

function listNames(output: string, word: string): readonly string[] {
  return [...output.matchAll(new RegExp(`^${word} (.+)$`, "gm"))].map(([, name]) => name!).sort();
}
