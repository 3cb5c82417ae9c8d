import type { JobName } from "@ipcascade/core";
import { DENO_RUN } from "@ipcascade/testkit";
import { pass } from "./evidence/api_server.ts";
import { readPeakMb } from "./evidence/measured_run.ts";

const ENTRY = new URL("../apps/deploy/main.ts", import.meta.url).pathname;
/** Asks for writing nothing at all: there is no disk. */
const FLAGS = ["--allow-net", "--allow-read", "--allow-env", "--allow-sys", "--deny-write", "--no-prompt"];

/** The token that the app knows. */
export const DEPLOY_TOKEN = "0123456789abcdef-deploy";

/** API and timer as one process without a disk. */
export interface DeployApp extends AsyncDisposable {
  readonly address: string;
  readonly pid: number;
  /** When it was started, by `performance.now()`. */
  readonly startedAt: number;
  /** Asks with the token; waits until the process listens. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Largest resident size so far, in MB. */
  peakMb(): number;
  /** What it logged so far. */
  logged(): string;
  /** Asks it to end, and gives its exit status. */
  stop(signal?: "SIGINT" | "SIGTERM"): Promise<number>;
}

/** Starts the app as Deno Deploy does, with these settings and no others. */
export function startDeployApp(env: Readonly<Record<string, string>>): DeployApp {
  const port = findFreePort();
  const address = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  const place = ["--host", "127.0.0.1", "--port", String(port)];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["serve", ...DENO_RUN.filter((flag) => flag !== "run" && flag !== "-A"), ...FLAGS, ...place, ENTRY],
    // A directory that is not there, and can't be made.
    env: {
      ...baseEnvironment(),
      IPCASCADE_DATA_DIR: "/nowhere/ipcascade",
      IPCASCADE_API_TOKENS: `operate:${DEPLOY_TOKEN}`,
      ...env,
    },
    clearEnv: true,
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let said = "";
  let isOver = false;
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) said += text;
  })();
  void child.status.then(() => isOver = true);
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { authorization: `Bearer ${DEPLOY_TOKEN}`, ...init.headers };
    for (;;) {
      try {
        return await fetch(`${address}${path}`, { ...init, headers });
      } catch (error) {
        if (isOver) throw new Error(`The app ended: ${said.slice(-500)}`, { cause: error });
        await pass(5);
      }
    }
  };
  const stop = async (signal: "SIGINT" | "SIGTERM" = "SIGINT") => {
    if (!isOver) child.kill(signal);
    const { code } = await child.status;
    await reading;
    return code;
  };
  return {
    address,
    pid: child.pid,
    startedAt,
    ask,
    peakMb: () => readPeakMb(child.pid),
    logged: () => said,
    stop,
    [Symbol.asyncDispose]: async () => void await stop("SIGTERM"),
  };
}

/** What is told of a run. */
export interface DeployRun {
  readonly state: string;
  readonly error: unknown;
}

/** Begins a run of a job by the API and waits for its end. */
export async function runDeployJob(app: DeployApp, job: JobName): Promise<DeployRun> {
  const begun = await app.ask(`/v1/jobs/${job}/runs`, { method: "POST" });
  const text = await begun.text();
  if (begun.status !== 202) throw new Error(`${job} was not begun: ${begun.status} ${text}`);
  for (;;) {
    const run = await (await app.ask(begun.headers.get("location")!)).json();
    if (run.state !== "running") return run;
    await pass(20);
  }
}

/** What Deno itself needs; a machine without a disk has no home. */
function baseEnvironment(): Record<string, string> {
  const cache = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
  return { PATH: Deno.env.get("PATH") ?? "", DENO_DIR: cache };
}

function findFreePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}
