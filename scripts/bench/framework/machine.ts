import { availableParallelism, cpus, totalmem } from "node:os";
import type { Commit, Machine } from "./report.ts";

/** The machine and the runtime. */
export function describeMachine(): Machine {
  return {
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    kernel: Deno.osRelease(),
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? "unknown",
    memory_mb: Math.round(totalmem() / 2 ** 20),
  };
}

/** What is checked out; null where there is no git, or no checkout. */
export async function describeCommit(): Promise<Commit | null> {
  const id = await git("rev-parse", "HEAD");
  if (id === null) return null;
  return { id, is_clean: await git("status", "--porcelain") === "" };
}

async function git(...args: readonly string[]): Promise<string | null> {
  try {
    const cwd = new URL("../../../", import.meta.url).pathname;
    const { success, stdout } = await new Deno.Command("git", { args: [...args], cwd, stderr: "null" })
      .output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    return null;
  }
}
