import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "@ipcascade/core";
import { isBackupPath } from "./backup_path.ts";

Deno.test("isBackupPath() tells paths from ids, dates and words", async () => {
  const cases: readonly (readonly [text: string, isPath: boolean])[] = [
    ["./20261126-010000-1a2b3c4d", true],
    ["/mnt/usb/here", true],
    [".", true],
    ["20261126-010000-1a2b3c4d", false],
    ["2026-11-26", false],
    ["latest", false],
    ["", false],
  ];
  for (const [text, isPath] of cases) assertEquals(await isBackupPath(text), isPath, text);
});

Deno.test("isBackupPath() refuses an address of S3, and says what to do", async () => {
  await assertRejects(() => isBackupPath("s3://bucket/backups/1"), UsageError, "set BACKUP_DIR to the place");
});
