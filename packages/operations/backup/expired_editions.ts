import { copyExpiry, isExpired } from "@ipcascade/core";
import type { EditionDeps } from "../editions/deps.ts";
import type { ReadableBackup } from "./backup_entry.ts";

/** Instant by which the licence wanted a backup's editions destroyed, RFC 3339; null while it allows them. */
export type FindExpiry = (backup: ReadableBackup) => string | null;

/**
 * Learns by when the licence wants backed up sets destroyed. What updating remembers is not enough: it forgets
 * databases whose sets are gone. Any later build that was installed, here or in a backup, is a newer release as well.
 */
export async function openExpiry(
  { store, clock }: Pick<EditionDeps, "store" | "clock">,
  backups: readonly ReadableBackup[],
): Promise<FindExpiry> {
  const [state, sets] = await Promise.all([store.readState(), store.listSets()]);
  const kept = [...sets, ...backups.flatMap(({ manifest }) => manifest.editions?.set ?? [])];
  return ({ manifest, createdAt: copiedAt }) => {
    const expiry = copyExpiry(manifest.editions?.set.editions ?? [], { state, kept, copiedAt });
    return isExpired(expiry, clock.now()) ? expiry : null;
  };
}
