import { spawnCli } from "../run_cli.ts";

/** How one run of the command went. */
export interface MeasuredRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Largest resident size of the process, in MB. */
  readonly peakMb: number;
  readonly seconds: number;
}

/** Runs the command as a process and watches its memory. */
export async function runMeasured(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<MeasuredRun> {
  const started = performance.now();
  const child = spawnCli(args, env);
  let peakMb = 0;
  const timer = setInterval(() => peakMb = Math.max(peakMb, readPeakMb(child.pid)), 50);
  const { code, stdout, stderr } = await child.output();
  clearInterval(timer);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return {
    code,
    stdout: text(stdout),
    stderr: text(stderr),
    peakMb,
    seconds: (performance.now() - started) / 1_000,
  };
}

/** The kernel's own record of a process's largest resident size, in MB; 0 when the process is gone. */
export function readPeakMb(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}
