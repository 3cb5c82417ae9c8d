import { assertEquals } from "@std/assert";
import { createStderrLog } from "./stderr_log.ts";
import { createTimedLog } from "./timed_log.ts";

Deno.test("createTimedLog() writes the time before the fields of each line", () => {
  const lines: string[] = [];
  const plain = createStderrLog({ level: "info", write: (line) => lines.push(line) });
  const log = createTimedLog(plain, { now: () => Date.UTC(2026, 10, 27, 4) });
  log.debug("Not written");
  log.info("The job ran", { job: "prune" });
  log.warn("Away");
  assertEquals(lines, [
    "info: The job ran at=2026-11-27T04:00:00.000Z job=prune\n",
    "warn: Away at=2026-11-27T04:00:00.000Z\n",
  ]);
});
