import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import { describeBackupAge } from "./backup_age.ts";

Deno.test("describeBackupAge() counts in what an age of its size is told in", () => {
  const cases: readonly [ageMs: number, expected: string][] = [
    [-MS_PER_MINUTE, "0 minutes"],
    [MS_PER_MINUTE, "1 minute"],
    [MS_PER_HOUR - 1, "59 minutes"],
    [MS_PER_HOUR, "1 hour"],
    [49.9 * MS_PER_HOUR, "49 hours"],
    [3 * MS_PER_DAY, "3 days"],
  ];
  for (const [ageMs, expected] of cases) assertEquals(describeBackupAge(ageMs), expected);
});
