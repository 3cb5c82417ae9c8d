/**
 * The timer door as a process whose crons fire once, and at once: `scheduler_process.ts JOB…`. It goes on like any other
 * scheduler until a signal.
 */
import type { JobName } from "@ipcascade/core";
import { openTickWork } from "../../apps/scheduler/open_tick_work.ts";
import { createScheduler, type Scheduler } from "../../apps/scheduler/scheduler.ts";

const scheduler: Scheduler = createScheduler(() => openTickWork(null, () => scheduler));
// Timers of crons keep a process alive; there are none here.
setInterval(() => {}, 60_000);
// What failed is in the record; a cron would try again.
await Promise.allSettled(Deno.args.map((job) => scheduler.dealWithTick(job as JobName)));
