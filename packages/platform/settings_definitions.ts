import { API_SETTINGS } from "./settings_api.ts";
import { BACKUP_SETTINGS } from "./settings_backups.ts";
import { readSchedule } from "./settings_cron.ts";
import { defineSetting, type SettingDefinition } from "./settings_definition.ts";
import { EDITION_SETTINGS } from "./settings_editions.ts";
import { JOB_NAMES, JOB_SCHEDULES, type JobName } from "@ipcascade/core";
import { scheduleName } from "./settings_jobs.ts";
import { PLACE_SETTINGS } from "./settings_places.ts";
import { SERVICE_SETTINGS } from "./settings_services.ts";
import { SOURCE_SETTINGS } from "./settings_sources.ts";
import type { SettingTable } from "./settings_table_type.ts";

/** Every setting but the schedules, in the order in which `ipcascade config` prints them. */
export const SETTING_TABLE: SettingTable = {
  ...PLACE_SETTINGS,
  ...EDITION_SETTINGS,
  ...SOURCE_SETTINGS,
  ...BACKUP_SETTINGS,
  ...API_SETTINGS,
  ...SERVICE_SETTINGS,
};

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

/** Every definition, the schedules last. */
export const SETTING_DEFINITIONS: readonly SettingDefinition<unknown>[] = [
  ...Object.values(SETTING_TABLE),
  ...JOB_NAMES.map(scheduleDefinition),
];
