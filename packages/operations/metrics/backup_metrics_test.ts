import { BackupDamagedError, type BackupManifest, type BackupMark, type LatestRuns } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import type { BackupEntry } from "../backup/mod.ts";
import { NOON } from "../testing/fakes.ts";
import { describeBackups, summarizeBackups } from "./backup_metrics.ts";

function createEntry(day: number, verifiedAt: string | null, damage: string | null = null): BackupEntry {
  const tables = [{ file_bytes: 1_000 * day, rows: 1, bytes: 1 }];
  return {
    status: "ok",
    id: `day ${day}`,
    createdAt: NOON + day,
    manifest: {
      id: `day ${day}`,
      tables,
      editions: null,
      schema: { version: 1 },
    } as unknown as BackupManifest,
    mark: verifiedAt === null ? null : { verified_at: verifiedAt } as BackupMark,
    damage,
  };
}

const DAMAGED: BackupEntry = {
  status: "damaged",
  id: "day 9",
  createdAt: NOON + 9,
  error: new BackupDamagedError("it is cut", "ip_inventory"),
};

Deno.test("summarizeBackups() counts sound ones, and takes the size of the newest", () => {
  const entries = [
    createEntry(1, "2026-11-21T00:00:00.000Z"),
    createEntry(3, "2026-11-22T00:00:00.000Z"),
    createEntry(2, null),
    createEntry(4, "2026-11-23T00:00:00.000Z", "a file is missing"),
    DAMAGED,
  ];
  assertEquals(summarizeBackups(entries), {
    lastVerifiedAt: Date.UTC(2026, 10, 22),
    newestBytes: 3_000,
    sound: 3,
  });
  assertEquals(summarizeBackups([DAMAGED]), { lastVerifiedAt: null, newestBytes: null, sound: 0 });
});

Deno.test("describeBackups() has no sample for what is not known", () => {
  const none = describeBackups(null, []).flatMap(({ samples }) => samples);
  assertEquals(none, []);
  const run = { startedAt: NOON } as LatestRuns["latest"];
  const latest: LatestRuns[] = [{ job: "back-up", latest: run, latestSuccess: run }];
  const values = describeBackups({ lastVerifiedAt: 5_000, newestBytes: 7, sound: 2 }, latest);
  assertEquals(values.map(({ samples }) => samples[0]?.value), [NOON / 1_000, 5, 7, 2]);
});
