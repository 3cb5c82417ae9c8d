import { listFlags, type SettingFlag } from "./settings_definition.ts";
import { SETTING_DEFINITIONS } from "./settings_definitions.ts";
import type { LayerValue } from "./settings_layer.ts";
import { findNearestName } from "./settings_names.ts";
import { listUrlSecrets } from "./secrets.ts";

/** Every flag that stands for a setting. */
export const SETTING_FLAGS: readonly SettingFlag[] = SETTING_DEFINITIONS.flatMap(listFlags);

/** Values of flags by flag name: `data-dir`, or `dataDir` as argument parsers write it; undefined is not given. */
export type FlagValues = Readonly<Record<string, string | number | boolean | undefined>>;

/** What the flags hold, by setting name. */
export interface ReadFlags {
  /** By setting name. */
  readonly values: ReadonlyMap<string, LayerValue>;
  /** A sentence for each flag that can't be used. */
  readonly problems: readonly string[];
}

/** Reads the flags. An empty value is a mistake here: `--data-dir "$UNSET"` must not mean the default. */
export function readFlags(flags: FlagValues): ReadFlags {
  const values = new Map<string, LayerValue>();
  const problems: string[] = [];
  for (const [key, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    const found = SETTING_FLAGS.find(({ flag }) => normalize(flag) === normalize(key));
    if (found === undefined) {
      problems.push(explainUnknownFlag(key));
      continue;
    }
    const label = `--${found.flag}`;
    const text = String(value).trim();
    if (typeof value === "boolean" && found.name !== "NO_COLOR" || text === "") {
      problems.push(`Cannot read ${label}: it needs a value`);
    } else if (listUrlSecrets(text).length > 0) {
      problems.push(`Cannot use a password in ${label}: other users see the command line, use ${label}-file`);
    } else {
      values.set(found.name, { text, place: "command line", label });
    }
  }
  return { values, problems };
}

function normalize(flag: string): string {
  return flag.toLowerCase().replace(/[^a-z0-9]/g, "");
}

function explainUnknownFlag(key: string): string {
  const nearest = findNearestName(key, SETTING_FLAGS.map(({ flag }) => flag));
  return `Cannot use --${key}: there is no such setting${
    nearest === null ? "" : `, did you mean --${nearest}?`
  }`;
}
