import { JOB_SCHEDULES, type JobName } from "./settings_core.ts";
import { readSchedule } from "./settings_cron.ts";
import { defineSetting, type SettingDefinition } from "./settings_definition.ts";
import { scheduleName } from "./settings_jobs.ts";

/** The setting that holds a job's cron line. */
export function scheduleDefinition(job: JobName): SettingDefinition<string | null> {
  return defineSetting<string | null>({
    name: scheduleName(job),
    about: `when ${job} runs: a cron line in UTC, or off`,
    read: readSchedule,
    fallback: () => JOB_SCHEDULES[job],
    format: (value) => value ?? "off",
  });
}
