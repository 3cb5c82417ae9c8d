import { BackupDamagedError, BackupPlaceError, BackupRefusedError } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import { lookForBackup } from "./backup_look.ts";

const RUN = { id: "20261126-010000-1a2b3c4d", place: "/data/backups" };

Deno.test("lookForBackup() is sure of damage only, and does not know what it can't read", async () => {
  const cases = [
    [new BackupDamagedError("cut off", "manifest"), "critical", /is damaged: cut off$/],
    [new BackupPlaceError("EIO"), "unknown", /can't be looked at: EIO$/],
    [new BackupRefusedError("format 9"), "unknown", /can't be looked at: format 9$/],
  ] as const;
  for (const [error, grade, message] of cases) {
    const entry = { status: "damaged", id: RUN.id, createdAt: 0, error } as const;
    const fault = await lookForBackup(RUN, { find: () => Promise.resolve(entry) });
    assertEquals([fault?.grade, message.test(fault?.message ?? "")], [grade, true], fault?.message);
  }
});
