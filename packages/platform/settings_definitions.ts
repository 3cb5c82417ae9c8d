import { API_SETTINGS } from "./settings_api.ts";
import { BACKUP_SETTINGS } from "./settings_backups.ts";
import type { SettingDefinition } from "./settings_definition.ts";
import { EDITION_SETTINGS } from "./settings_editions.ts";
import { JOB_NAMES } from "@ipcascade/core";
import { PLACE_SETTINGS } from "./settings_places.ts";
import { scheduleDefinition } from "./settings_schedule.ts";
import { SERVICE_SETTINGS } from "./settings_services.ts";
import { SOURCE_SETTINGS } from "./settings_sources.ts";
import type { SettingTable } from "./settings_table_type.ts";
import { TIMELINE_SETTINGS } from "./settings_timelines.ts";

/** Every setting but the schedules, in the order in which `ipcascade config` prints them. */
export const SETTING_TABLE: SettingTable = {
  ...PLACE_SETTINGS,
  ...EDITION_SETTINGS,
  ...SOURCE_SETTINGS,
  ...BACKUP_SETTINGS,
  ...API_SETTINGS,
  ...SERVICE_SETTINGS,
  ...TIMELINE_SETTINGS,
};

/** Every definition, the schedules last. */
export const SETTING_DEFINITIONS: readonly SettingDefinition<unknown>[] = [
  ...Object.values(SETTING_TABLE),
  ...JOB_NAMES.map(scheduleDefinition),
];
