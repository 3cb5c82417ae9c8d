import process from "node:process";
import type { FlagValues } from "./settings_flags.ts";
import { readSettings } from "./settings_reader.ts";
import { readTextFile } from "./settings_text_file.ts";
import type { Settings } from "./settings_type.ts";

export { describeSettings, type SettingRow } from "./settings_describe.ts";
export type { SettingFlag } from "./settings_definition.ts";
export { type FlagValues, SETTING_FLAGS } from "./settings_flags.ts";
export { scheduleName } from "./settings_jobs.ts";
export type { SettingSource } from "./settings_layer.ts";
export { readSettings, type SettingInputs } from "./settings_reader.ts";
export { listSecrets } from "./settings_secrets.ts";
export type { SettingOrigin, Settings, SettingValues } from "./settings_type.ts";
export type { ApiAccessLog, ApiRateLimit, ApiToken } from "./settings_api_values.ts";
export type { NetworkAddress } from "./settings_values.ts";

/** Reads the settings of this process; see `readSettings`. Throws `UsageError`. */
export function readProcessSettings(flags: FlagValues = {}): Settings {
  return readSettings({ env: process.env, flags, readFile: readTextFile });
}
