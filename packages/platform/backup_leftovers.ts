import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { MS_PER_DAY } from "@ipcascade/core";
import { findEntry } from "./backup_files.ts";
import { formatIdentity, mayBeAlive, parseIdentity, readOwnIdentity } from "./process_identity.ts";

/** How long what another machine left is kept: nobody here can tell whether it is still at work. */
const FOREIGN_AGE_MS = MS_PER_DAY;

/** The name of what this process is putting together, or taking apart. */
export function nameUnfinished(kind: "staging" | "removed", id: string): string {
  return `.${kind}-${id}~${formatIdentity(readOwnIdentity())}`;
}

/** How leftovers are told. */
export interface LeftoverOptions {
  /** Names of what this process is at work on. */
  readonly inUse: ReadonlySet<string>;
  readonly nowMs: number;
}

/** Removes what killed processes left in a directory, and gives the number of it. */
export async function removeLeftovers(dir: string, { inUse, nowMs }: LeftoverOptions): Promise<number> {
  let removed = 0;
  for (const name of await readdir(dir)) {
    const owner = /^\.(?:staging|removed|new)-[0-9a-f-]+~(?<owner>.+)$/.exec(name)?.groups?.owner;
    const identity = owner === undefined ? null : parseIdentity(owner);
    if (identity === null || inUse.has(name)) continue;
    const path = join(dir, name);
    const own = readOwnIdentity();
    const isOwn = formatIdentity(identity) === formatIdentity(own);
    if (identity.host !== own.host) {
      if (nowMs - await readLatestChange(path) < FOREIGN_AGE_MS) continue;
    } else if (!isOwn && mayBeAlive(identity)) continue;
    await rm(path, { recursive: true, force: true });
    removed++;
  }
  return removed;
}

/** When something was last written there, in milliseconds since 1970. */
async function readLatestChange(path: string): Promise<number> {
  const entry = await findEntry(path);
  if (entry === null) return 0;
  let latest = entry.mtimeMs;
  for (const name of entry.isDirectory() ? await readdir(path) : []) {
    latest = Math.max(latest, (await lstat(join(path, name))).mtimeMs);
  }
  return latest;
}
