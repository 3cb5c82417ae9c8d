import { spawnCli } from "../run_cli.ts";
import { readPeakMb } from "./measured_run.ts";

/** The API as a process of its own. */
export interface ApiServer extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  /** Largest resident size so far, in MB. */
  peakMb(): number;
  /** Resident size now, in MB. */
  residentMb(): number;
  /** What it logged, once it has ended. */
  readonly logged: Promise<string>;
  /** Asks it to end, and gives its exit status. */
  stop(signal?: "SIGTERM" | "SIGINT"): Promise<number>;
}

/** Starts `ipcascade serve` on a free port and waits until it answers. */
export async function startApiServer(env: Readonly<Record<string, string>>): Promise<ApiServer> {
  const port = findFreePort();
  const address = `http://127.0.0.1:${port}`;
  const child = spawnCli(["serve"], { ...env, HOST: "127.0.0.1", PORT: String(port) });
  const output = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  let isOver = false;
  void child.status.then(() => isOver = true);
  while (!await answers(address)) {
    if (isOver) throw new Error(`The server ended: ${(await output).join("").slice(-500)}`);
    await pass(50);
  }
  const stop = async (signal: "SIGTERM" | "SIGINT" = "SIGTERM") => {
    if (!isOver) child.kill(signal);
    const { code } = await child.status;
    await output;
    return code;
  };
  return {
    address,
    port,
    pid: child.pid,
    peakMb: () => readPeakMb(child.pid),
    logged: output.then(([, stderr]) => stderr),
    residentMb: () => readResidentMb(child.pid),
    stop,
    [Symbol.asyncDispose]: async () => void await stop(),
  };
}

/** Lets time pass. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function answers(address: string): Promise<boolean> {
  try {
    const response = await fetch(`${address}/livez`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function findFreePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

function readResidentMb(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
}
