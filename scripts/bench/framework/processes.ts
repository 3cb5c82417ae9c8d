import { CLI_MAIN } from "../../../test/run_cli.ts";
import { DENO_RUN } from "@ipcascade/testkit";

/** How a program went. */
export interface ProgramRun {
  /** From its start to its end. */
  readonly seconds: number;
  /** The kernel's record of its largest resident size (VmHWM). */
  readonly peakMb: number;
  /** What it wrote, where that was asked for. */
  readonly stdout: string;
}

/** A program with its arguments, and what it finds around it. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How to run a program. */
export interface ProgramOptions {
  /** `null` throws away what it writes, by `/dev/null`; `piped` keeps it. Default `piped`. */
  readonly stdout?: "null" | "piped";
}

const POLL_MS = 50;

/** Runs a program and measures it. Throws when it fails, with the end of what it said. */
export async function runProgram(program: Program, options: ProgramOptions = {}): Promise<ProgramRun> {
  const { command, args, env = {} } = program;
  const started = performance.now();
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
    stdout: options.stdout ?? "piped",
    stderr: "piped",
  }).spawn();
  let peakMb = 0;
  const timer = setInterval(() => peakMb = Math.max(peakMb, readPeakMb(child.pid)), POLL_MS);
  const said = new Response(child.stderr).text();
  const wrote = options.stdout === "null" ? "" : new Response(child.stdout).text();
  const { code } = await child.status;
  const seconds = (performance.now() - started) / 1_000;
  clearInterval(timer);
  const [stdout, stderr] = await Promise.all([wrote, said]);
  if (code === 0) return { seconds, peakMb, stdout };
  throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${stderr.trim().slice(-500)}`);
}

function readPeakMb(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}

/** `ipcascade` with arguments, on editions in a directory and with data of its own. */
export function commandLine(
  args: readonly string[],
  dirs: { readonly editions: string; readonly data: string },
): Program {
  return {
    command: Deno.execPath(),
    args: [...DENO_RUN, CLI_MAIN, ...args],
    env: { GEOIPUPDATE_DB_DIR: dirs.editions, IPCASCADE_DATA_DIR: dirs.data },
  };
}

/** The same, its output passed through a pipe to a program that throws it away. */
export function throughPipe({ command, args, env }: Program): Program {
  const script = 'set -o pipefail; "$0" "$@" | cat >/dev/null';
  return { command: "bash", args: ["-c", script, command, ...args], env };
}

/** Tells whether a program can be started by that name. */
export async function isInstalled(
  command: string,
  args: readonly string[] = ["--version"],
): Promise<boolean> {
  try {
    await new Deno.Command(command, { args: [...args], stdout: "null", stderr: "null" }).output();
    return true;
  } catch {
    return false;
  }
}
