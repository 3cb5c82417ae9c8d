import { readFileSync } from "node:fs";
import process from "node:process";
import { openPgliteDatabase } from "../pglite_database.ts";

// Opens the embedded database and closes it: `pglite_creator.ts DATA_DIR`. Prints the most memory it had, in MB; 0
// where the system does not tell.

const sql = await openPgliteDatabase(process.argv[2]!);
await sql.query("create table made (a int)");
await sql.close();
process.stdout.write(`${readPeakMb()}\n`);
process.exit(0);

/** Not `process.resourceUsage()`: its figure is never below what the parent had when it started this process. */
function readPeakMb(): number {
  if (process.platform !== "linux") return 0;
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
  return Math.round(Number(peak![1]) / 1024);
}
