import { DENO_RUN } from "@ipcascade/testkit";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../..");

/** How each runtime runs a TypeScript file. */
export const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  deno: [process.execPath, ...DENO_RUN],
  bun: [join(ROOT, "node_modules/.bin/bun")],
  node: ["node", "--import", join(ROOT, "node_modules/tsx/dist/loader.mjs")],
};

/** A child process that talks in lines. */
export interface Child {
  readonly pid: number;
  /** The next line of its output; null when it ended. */
  readLine(): Promise<string | null>;
  /** What it printed until it ended, with its exit status. */
  finish(): Promise<{ lines: string[]; status: number | null }>;
  write(text: string): void;
  /** Ends it without mercy. */
  kill(): Promise<void>;
}

/** Starts a TypeScript file beside this one in a process of its own. Its errors go to this process's. */
export function startChild(runtime: string, file: string, args: readonly string[]): Child {
  const [command, ...before] = RUNTIMES[runtime]!;
  const path = join(dirname(fileURLToPath(import.meta.url)), file);
  const child = spawn(command!, [...before, path, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: ROOT,
  });
  const ended = once(child, "exit");
  const lines = readLines(child);
  const readLine = async () => {
    const { done, value } = await lines.next();
    return done ? null : value;
  };
  return {
    pid: child.pid!,
    readLine,
    finish: async () => {
      const rest: string[] = [];
      for (let line = await readLine(); line !== null; line = await readLine()) rest.push(line);
      const [status] = await ended;
      return { lines: rest, status };
    },
    write: (text) => child.stdin!.write(text),
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
      // What it printed and nobody read would keep the pipe open.
      child.stdout!.destroy();
    },
  };
}

/** Tells whether a runtime is there to be tested. */
export function hasRuntime(runtime: string): boolean {
  const command = RUNTIMES[runtime]![0]!;
  return !command.startsWith("/") || existsSync(command);
}

async function* readLines(child: ChildProcess): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const chunk of child.stdout!) {
    const parts = (rest + String(chunk)).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}
