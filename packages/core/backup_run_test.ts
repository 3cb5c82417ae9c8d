import { assertEquals } from "@std/assert";
import { formatBackupRun, readBackupRun } from "./backup_run.ts";

Deno.test("readBackupRun() reads what formatBackupRun() wrote, whatever the place is called", () => {
  const id = "20261126-010000-1a2b3c4d";
  for (const place of ["/data/backups", "s3://bucket/prefix", "/it is in here", "/a\nb", "/x "]) {
    assertEquals(readBackupRun(formatBackupRun({ id, place })), { id, place });
  }
});

Deno.test("readBackupRun() gives null for other messages", () => {
  for (const message of ["", "is in /data", "latest is in /data", "20261126-010000-1a2b3c4d is in "]) {
    assertEquals(readBackupRun(message), null);
  }
});
