import { type Lab, openLab } from "@ipcascade/testkit/lab";
import { DENO_RUN, openTempDir, type TempDir, writeEditionPair } from "@ipcascade/testkit";
import type { OutputRecord } from "@ipcascade/core";

/** How one call of the command ended. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Input and surroundings of one call. */
export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
}

/** The command's entry. */
export const CLI_MAIN = new URL("../apps/cli/main.ts", import.meta.url).pathname;

/** A data directory, a lab and, unless told otherwise, the editions of the lab's world. */
export interface CliWorld extends AsyncDisposable {
  readonly lab: Lab;
  readonly dir: TempDir;
  readonly env: Record<string, string>;
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
}

/** Opens a world for the command: `await using world = await openCliWorld()`. */
export async function openCliWorld(options: { readonly editions?: boolean } = {}): Promise<CliWorld> {
  const dir = await openTempDir();
  const lab = await openLab();
  const env: Record<string, string> = { ...lab.env, IPCASCADE_DATA_DIR: dir.join("data"), NO_COLOR: "1" };
  if (options.editions !== false) {
    env.GEOIPUPDATE_DB_DIR = dir.join("editions");
    await writeEditionPair(env.GEOIPUPDATE_DB_DIR);
  }
  return {
    lab,
    dir,
    env,
    run: (args, more = {}) => runCli(args, { ...more, env: { ...env, ...more.env } }),
    [Symbol.asyncDispose]: async () => {
      await lab.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** Runs the command as a process of its own and waits for its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = spawnCli(args, options.env ?? {}, options.stdin === undefined ? "null" : "piped");
  // Both at once: the command answers while it reads, and waits for its answers to be read.
  const feeding = options.stdin === undefined ? null : feed(child, options.stdin);
  const { code, stdout, stderr } = await child.output();
  await feeding;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Starts the command as a process of its own. */
export function spawnCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  stdin: "null" | "piped" = "null",
): Deno.ChildProcess {
  const { PATH = "", HOME = "", TMPDIR, DENO_DIR } = Deno.env.toObject();
  const base: Record<string, string> = { PATH, HOME };
  if (TMPDIR !== undefined) base.TMPDIR = TMPDIR;
  if (DENO_DIR !== undefined) base.DENO_DIR = DENO_DIR;
  return new Deno.Command(Deno.execPath(), {
    args: [...DENO_RUN, CLI_MAIN, ...args],
    env: { ...base, ...env },
    clearEnv: true,
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function feed(child: Deno.ChildProcess, stdin: string | Uint8Array): Promise<void> {
  const writer = child.stdin.getWriter();
  const bytes = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
  // The command may end before it has read all, as after a bad flag.
  await writer.write(bytes).then(() => writer.close()).catch(() => {});
}

/** The records of a JSON or NDJSON output. */
export function readRecords(result: CliResult): OutputRecord[] {
  const text = result.stdout.trim();
  if (text.startsWith("[")) return JSON.parse(text);
  return text === "" ? [] : text.split("\n").map((line) => JSON.parse(line));
}
