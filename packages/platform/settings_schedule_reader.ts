import process from "node:process";
import { explainBadValue } from "./settings_bad_value.ts";
import { JOB_NAMES, type JobName, type JobSchedules, UsageError } from "./settings_core.ts";
import { defaultDataDir, SETTINGS_FILE } from "./settings_data_dir.ts";
import type { SettingDefinition } from "./settings_definition.ts";
import { parseSettingsFile } from "./settings_env_file.ts";
import { collectedLayer, environmentLayer, type LayerValue, type SettingLayer } from "./settings_layer.ts";
import { explainUnknownName } from "./settings_names.ts";
import { readPath } from "./settings_path.ts";
import type { SettingInputs } from "./settings_reader.ts";
import { scheduleDefinition } from "./settings_schedule.ts";
import { readTextFile } from "./settings_text_file.ts";
import { findIdleReason, TIMELINE_SETTINGS } from "./settings_timelines.ts";

/** What a timer has to know before it opens anything. */
export interface ScheduleSettings {
  /** The cron line of each job; null is off. */
  readonly schedules: JobSchedules;
  /** Why this process runs no jobs, though it is told of ticks; null where it does. */
  readonly idleReason: string | null;
}

const PREFIX = "SCHEDULE_";

/**
 * Reads the `SCHEDULE_…` settings alone, from the environment and the settings file: nothing else is demanded, checked
 * or told. Throws `UsageError` with one line for each that can't be used. A settings file that can't be read is left to
 * whoever reads all settings.
 */
export function readScheduleSettings(inputs: Pick<SettingInputs, "env" | "readFile">): ScheduleSettings {
  const layers = [environmentLayer(inputs.env), collectedLayer("file", readScheduleFile(inputs))];
  const problems: string[] = [];
  const read = <Value>(definition: SettingDefinition<Value>) => readOne(definition, layers, problems);
  const schedules: Partial<Record<JobName, string | null>> = {};
  for (const job of JOB_NAMES) schedules[job] = read(scheduleDefinition(job));
  const timelines = read(TIMELINE_SETTINGS.scheduleTimelines);
  problems.push(...listUnknownNames(inputs.env));
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  return {
    schedules: schedules as JobSchedules,
    idleReason: findIdleReason(timelines, inputs.env),
  };
}

/** Reads the `SCHEDULE_…` settings of this process; see `readScheduleSettings`. */
export function readProcessScheduleSettings(): ScheduleSettings {
  return readScheduleSettings({ env: process.env, readFile: readTextFile });
}

function readOne<Value>(
  definition: SettingDefinition<Value>,
  layers: readonly SettingLayer[],
  problems: string[],
): Value {
  const fallback = () => definition.fallback({ dataDir: "", hasMaxmindAccount: false });
  const found = layers.map((layer) => layer.find(definition.name)).find((value) => value !== null);
  if (found === undefined || found === null) return fallback();
  const reading = definition.read(found.text, { home: null });
  if (reading.ok) return reading.value;
  problems.push(explainBadValue(definition, found, reading.allowed));
  return fallback();
}

function readScheduleFile(
  { env, readFile }: Pick<SettingInputs, "env" | "readFile">,
): ReadonlyMap<string, LayerValue> {
  const path = findPath("IPCASCADE_CONFIG_FILE", env) ??
    `${findPath("IPCASCADE_DATA_DIR", env) ?? defaultDataDir(env)}/${SETTINGS_FILE}`;
  try {
    const text = readFile(path, "settings") ?? "";
    return new Map([...parseSettingsFile(text, path).values].filter(([name]) => name.startsWith(PREFIX)));
  } catch {
    return new Map();
  }
}

function findPath(name: string, env: SettingInputs["env"]): string | null {
  const text = env[name]?.trim() ?? "";
  const reading = text === "" ? null : readPath(text, env.HOME?.trim() || null);
  return reading?.ok ? reading.value : null;
}

function listUnknownNames(env: SettingInputs["env"]): readonly string[] {
  const known = [
    ...JOB_NAMES.map((job) => scheduleDefinition(job).name),
    TIMELINE_SETTINGS.scheduleTimelines.name,
  ];
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name))
    .map((name) => explainUnknownName(name, { known, place: "environment" }));
}
