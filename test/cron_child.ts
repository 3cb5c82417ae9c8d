/**
 * Registers the lines of its first argument, by name, with `Deno.cron` and prints which of them fire in the next minute
 * to come: `ready TIME` (milliseconds), `refused NAME`, `fired NAME`, and `over` at the end.
 *
 * @module
 */
import { registerJobs } from "@ipcascade/scheduler/register";
import type { JobName } from "@ipcascade/core";

/** How long the others of a minute have after the first. */
const SETTLE_MS = 700;

const lines: Readonly<Record<string, string | null>> = JSON.parse(Deno.args[0] ?? "{}");
const cron: typeof Deno.cron = (...parts: unknown[]) => {
  try {
    return Reflect.apply(Deno.cron, Deno, parts);
  } catch {
    console.log(`refused ${parts[0]}`);
    return Promise.resolve();
  }
};
// Ten at a time, as many as a catalogue may have.
const entries = Object.entries(lines);
for (let i = 0; i < entries.length; i += 10) {
  const some = Object.fromEntries(entries.slice(i, i + 10)) as Record<JobName, string | null>;
  registerJobs(some, { cron, run: (name) => Promise.resolve(console.log(`fired ${name}`)) });
}
// It fires in any case, and so tells that the minute has come.
Deno.cron("every minute", "* * * * *", () => {
  setTimeout(() => {
    console.log("over");
    Deno.exit(0);
  }, SETTLE_MS);
});
console.log(`ready ${Date.now()}`);
