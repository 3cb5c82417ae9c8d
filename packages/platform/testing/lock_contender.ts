import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { LockHeldError } from "@ipcascade/core";
import { openDirectoryLock } from "../directory_lock.ts";

// Contends for the lock of a directory: `lock_contender.ts DIR COUNT HOLD_MS`. Waits for a line on its input, then
// tries COUNT times, and keeps what it got for HOLD_MS. Prints one word for each try: `held`, `refused:PID`, or
// `doubled` when somebody else held the lock at the same time.

const [dir, count, holdMs] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4])];
process.stdout.write("ready\n");
await new Promise((resolve) => process.stdin.once("data", resolve));
for (let tries = 0; tries < count; tries++) process.stdout.write(`${await contend()}\n`);
process.exit(0);

async function contend(): Promise<string> {
  try {
    await using _lock = await openDirectoryLock(dir, { action: "contend" });
    return await witness();
  } catch (error) {
    if (error instanceof LockHeldError) return `refused:${/process \(?(\d+)/.exec(error.message)?.[1]}`;
    throw error;
  }
}

async function witness(): Promise<string> {
  const path = join(dir, "..", "witness");
  try {
    await writeFile(path, "", { flag: "wx" });
  } catch {
    return "doubled";
  }
  await new Promise((resolve) => setTimeout(resolve, holdMs));
  await rm(path);
  return "held";
}
