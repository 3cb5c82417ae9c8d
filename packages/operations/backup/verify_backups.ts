import { type BackupDepth, UsageError } from "@ipcascade/core";
import type { BackupReadDeps, BackupWork, OpenScratch } from "./deps.ts";
import { findBackup } from "./find_backup.ts";
import type { BackupVerifyReport } from "./reports.ts";
import type { RestoreSource } from "./trusted_backup.ts";
import { verifyBackup } from "./verify_backup.ts";

/** How several backups stand, in the order in which they were asked for. */
export interface BackupsVerifyReport {
  readonly operation: "verify-backups";
  readonly place: string;
  /** The worst: damaged, refused, sealed, sound; `nothing` when there is none. */
  readonly status: BackupVerifyReport["status"] | "nothing";
  readonly backups: readonly BackupVerifyReport[];
}

/** Which backups are verified, and how far. */
export interface VerifyBackupsOptions extends BackupWork {
  /** Each is what `findBackup` takes, or lies anywhere; `all` is every backup at the place, `newest` the newest of them. */
  readonly wanted: readonly (string | RestoreSource)[] | "all" | "newest";
  readonly depth: BackupDepth;
  /** Needed for the depth `restore`. */
  readonly openScratch?: OpenScratch;
}

/** Verifies backups one after the other. What is wrong with one is in the report and keeps none from being verified. */
export async function verifyBackups(
  deps: BackupReadDeps,
  { wanted, ...options }: VerifyBackupsOptions,
): Promise<BackupsVerifyReport> {
  const backups: BackupVerifyReport[] = [];
  for (const source of await listWanted(deps, wanted)) {
    backups.push(await verifyBackup(source.deps, source.id, options));
  }
  return { operation: "verify-backups", place: deps.place.place, status: worstOf(backups), backups };
}

async function listWanted(
  deps: BackupReadDeps,
  wanted: VerifyBackupsOptions["wanted"],
): Promise<readonly RestoreSource[]> {
  if (wanted !== "all" && wanted !== "newest") return await findAll(deps, wanted);
  const ids = await deps.place.listIds();
  return (wanted === "all" ? ids : ids.slice(0, 1)).map((id) => ({ deps, id }));
}

/** Before anything is verified, so that a mistyped name is told at once. Each backup once. */
async function findAll(
  deps: BackupReadDeps,
  wanted: readonly (string | RestoreSource)[],
): Promise<readonly RestoreSource[]> {
  if (wanted.length === 0) throw new UsageError("Cannot verify: no backup is named");
  const sources = new Map<string, RestoreSource>();
  for (const one of wanted) {
    const source = typeof one === "string" ? { deps, id: await findBackup(deps, one) } : one;
    sources.set(JSON.stringify([source.deps.place.place, source.id]), source);
  }
  return [...sources.values()];
}

const WORST_FIRST: readonly BackupVerifyReport["status"][] = ["damaged", "refused", "sealed"];

function worstOf(backups: readonly BackupVerifyReport[]): BackupsVerifyReport["status"] {
  if (backups.length === 0) return "nothing";
  const isThere = (status: BackupVerifyReport["status"]) => backups.some((one) => one.status === status);
  return WORST_FIRST.find(isThere) ?? "sound";
}
