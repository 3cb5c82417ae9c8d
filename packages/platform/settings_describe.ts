import { maskUrl } from "./secrets.ts";
import type { SettingDefinition } from "./settings_definition.ts";
import { SETTING_TABLE } from "./settings_definitions.ts";
import { JOB_NAMES } from "@ipcascade/core";
import type { SettingSource } from "./settings_layer.ts";
import { scheduleDefinition } from "./settings_schedule.ts";
import type { Settings } from "./settings_type.ts";

/** One line of `ipcascade config`. */
export interface SettingRow {
  /** The setting's own name. */
  readonly name: string;
  /** Masked when it is a secret; empty when it is not set. */
  readonly value: string;
  /** Which layer it came from. */
  readonly source: SettingSource;
  /** The exact place, or what an unset value means; may be empty. */
  readonly note: string;
}

/** What the absence of a value means. */
const UNSET: Readonly<Record<string, string>> = {
  DATABASE_URL: "embedded database in the data directory",
  API_RATE_LIMIT: "100/s for everybody but loopback",
  CYMRU_DNS_SERVER: "the system's resolver",
};

/** Lists every setting with its value, secrets masked, and where it came from. */
export function describeSettings(settings: Settings): readonly SettingRow[] {
  const values: Readonly<Record<string, unknown>> = { ...settings };
  const rows = Object.entries(SETTING_TABLE).map(([key, definition]: [string, SettingDefinition<unknown>]) =>
    describeOne(definition, values[key], settings)
  );
  for (const job of JOB_NAMES) {
    rows.push(describeOne(scheduleDefinition(job), settings.schedules[job], settings));
  }
  return rows;
}

function describeOne<Value>(
  definition: SettingDefinition<Value>,
  value: Value,
  settings: Settings,
): SettingRow {
  const { name, secret } = definition;
  const text = definition.format(value);
  const origin = settings.origins.get(name) ?? { source: "default", note: "" };
  const note = text === "" ? UNSET[name] ?? origin.note : origin.note;
  return { name, value: mask(text, secret), source: origin.source, note };
}

function mask(text: string, secret: SettingDefinition<unknown>["secret"]): string {
  // Any URL may hold a password, also where none is expected.
  return secret === "whole" && text !== "" ? `set (${text.length} characters)` : maskUrl(text);
}
