/**
 * The timer door's entry, here and on Deno Deploy: importing it registers every job that is on, and nothing else. What
 * the jobs need is opened when the first of them is due.
 *
 * @module
 */
import { readProcessScheduleSettings } from "../../packages/platform/settings_schedule_reader.ts";
import { openTickWork } from "./open_tick_work.ts";
import { registerJobs } from "./register.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";

const { schedules, idleReason } = readProcessScheduleSettings();
const scheduler: Scheduler = createScheduler(() => openTickWork(idleReason, () => scheduler), {
  endsWhenIdle: true,
});
registerJobs(schedules, {
  cron: (...parts) => Deno.cron(...parts),
  run: (job) => scheduler.dealWithTick(job),
});
