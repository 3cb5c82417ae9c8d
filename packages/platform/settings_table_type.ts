import type { SettingDefinition } from "./settings_definition.ts";
import type { SettingValues } from "./settings_type.ts";

/** The definitions by the name of their field; the schedules are apart. */
export type SettingTable = {
  readonly [Key in Exclude<keyof SettingValues, "schedules">]: SettingDefinition<SettingValues[Key]>;
};
