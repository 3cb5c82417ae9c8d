import type { LatestRuns, ScalarMetric } from "@ipcascade/core";

import { type BackupEntry, type ReadableBackup, summarizeBackup } from "../backup/mod.ts";
import { gauge, seconds } from "./gauge.ts";

/** The backups as this machine sees them. */
export interface BackupFigures {
  /** Milliseconds since 1970 UTC; null for none. */
  readonly lastVerifiedAt: number | null;
  /** Of the newest sound one, as it lies there; null for none. */
  readonly newestBytes: number | null;
  readonly sound: number;
}

/** What counts of the backups that lie there. */
export function summarizeBackups(entries: readonly BackupEntry[]): BackupFigures {
  const sound = entries.filter((entry) => entry.status === "ok").filter(({ damage }) => damage === null);
  const verified = sound.map(verifiedAt).filter((at) => at !== null);
  const newest = sound.reduce<ReadableBackup | null>(
    (newer, entry) => newer === null || entry.createdAt > newer.createdAt ? entry : newer,
    null,
  );
  return {
    lastVerifiedAt: verified.length === 0 ? null : Math.max(...verified),
    newestBytes: newest === null ? null : summarizeBackup(newest).file_bytes,
    sound: sound.length,
  };
}

function verifiedAt({ mark }: ReadableBackup): number | null {
  return mark === null ? null : Date.parse(mark.verified_at);
}

/** How the backups stand: the job by its record, what lies there by itself. */
export function describeBackups(
  figures: BackupFigures | null,
  latest: readonly LatestRuns[],
): readonly ScalarMetric[] {
  const success = latest.find(({ job }) => job === "back-up")?.latestSuccess ?? null;
  const at = figures?.lastVerifiedAt ?? null;
  return [
    gauge(
      "backup_last_success_timestamp_seconds",
      "When the newest backup that the job made and verified was begun.",
      success === null ? null : seconds(success.startedAt),
    ),
    gauge(
      "backup_last_verified_timestamp_seconds",
      "When a backup that lies on this machine's disk was last verified.",
      at === null ? null : seconds(at),
    ),
    gauge(
      "backup_size_bytes",
      "Size of the newest sound backup on this machine's disk.",
      figures?.newestBytes ?? null,
    ),
    gauge("backup_copies", "Sound backups on this machine's disk.", figures?.sound ?? null),
  ];
}
