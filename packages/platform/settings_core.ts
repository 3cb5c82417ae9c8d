/**
 * What reading the timer's settings needs of core, by paths: a timer is registered before any configuration that would
 * resolve the packages' names is found, as `docs/adr/0038-the-timer-registers-by-paths.md` has it.
 *
 * @module
 */
export { UsageError } from "../core/errors.ts";
export { quoteInput } from "../core/input_error.ts";
export { JOB_NAMES, JOB_SCHEDULES, type JobName, type JobSchedules } from "../core/job.ts";
