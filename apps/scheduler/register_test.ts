import { assertEquals, assertThrows } from "@std/assert";
import { JOB_NAMES, JOB_SCHEDULES, type JobName } from "@ipcascade/core";
import { type RegisterCron, registerJobs } from "./register.ts";

interface Registered {
  readonly name: string;
  readonly line: string;
  readonly backoffSchedule: readonly number[];
  readonly handler: () => Promise<void>;
}

function recordCrons(): { readonly seen: Registered[]; readonly cron: RegisterCron } {
  const seen: Registered[] = [];
  return {
    seen,
    cron: (name, line, { backoffSchedule }, handler) => {
      seen.push({ name, line, backoffSchedule, handler });
      return Promise.resolve();
    },
  };
}

Deno.test("registerJobs() registers every job that is on under its name, with when it is tried again", async () => {
  const { seen, cron } = recordCrons();
  await registerJobs(JOB_SCHEDULES, { cron, run: () => Promise.resolve() });
  assertEquals(
    seen.map(({ name, line }) => [name, line]),
    Object.entries(JOB_SCHEDULES).flatMap(([name, line]) => line === null ? [] : [[name, line]]),
  );
  for (const { name, backoffSchedule } of seen) assertEquals(backoffSchedule, [60_000, 600_000], name);
});

Deno.test("registerJobs() runs the job that is due", async () => {
  const { seen, cron } = recordCrons();
  const run: JobName[] = [];
  await registerJobs(JOB_SCHEDULES, { cron, run: (job) => Promise.resolve(void run.push(job)) });
  for (const { handler } of seen) await handler();
  assertEquals(run, seen.map(({ name }) => name));
});

Deno.test("registerJobs() refuses more jobs than Deno Deploy takes", () => {
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`job-${i}`, "0 2 * * *"]));
  const { seen, cron } = recordCrons();
  assertThrows(
    () => registerJobs(many as Record<JobName, string>, { cron, run: () => Promise.resolve() }),
    RangeError,
    "Cannot register 11 jobs: 10 is all",
  );
  assertEquals(seen.length, 0);
});

Deno.test("registerJobs() has names that every Deno takes", () => {
  for (const job of JOB_NAMES) assertEquals(/^[\w -]{1,64}$/.test(job), true, job);
});
