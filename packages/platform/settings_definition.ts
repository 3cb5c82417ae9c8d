import type { Reading } from "./settings_reading.ts";

/** What defaults may depend on. */
export interface DefaultContext {
  /** The data directory. */
  readonly dataDir: string;
  /** True when both a MaxMind account id and a licence key are set. */
  readonly hasMaxmindAccount: boolean;
}

/** What reading a value may depend on. */
export interface ReadContext {
  /** The home directory; null when nobody knows it. */
  readonly home: string | null;
}

/** Everything about one setting: its names, its grammar, its default and how it is shown. */
export interface SettingDefinition<Value> {
  /** The name in the environment and in files. */
  readonly name: string;
  /** Other names, tried after `name` in each layer. */
  readonly aliases: readonly string[];
  /** `whole` shows nothing but the length, `url` shows all but the password. */
  readonly secret: "none" | "whole" | "url";
  /** True when a message may quote a value that can't be read. */
  readonly isQuotable: boolean;
  /** True when `NAME_FILE` may name a file that holds the value. */
  readonly hasFile: boolean;
  /** True when a file that can't be read is told only to whoever needs the value, as in `Settings.unreadable`. */
  readonly mayLack: boolean;
  /** One line for the help text. */
  readonly about: string;
  /** Reads trimmed text that is not empty. */
  read(text: string, context: ReadContext): Reading<Value>;
  /** The default. */
  fallback(context: DefaultContext): Value;
  /** Writes a value for people; secrets are masked afterwards, never here. Empty is "not set". */
  format(value: Value): string;
}

/** What a definition must tell; the rest has defaults. */
export type DefinitionParts<Value> =
  & Pick<SettingDefinition<Value>, "name" | "about" | "read" | "fallback">
  & Partial<
    Pick<SettingDefinition<Value>, "aliases" | "secret" | "isQuotable" | "hasFile" | "mayLack" | "format">
  >;

/** Completes a definition; a secret may always come from a file. */
export function defineSetting<Value>(parts: DefinitionParts<Value>): SettingDefinition<Value> {
  const secret = parts.secret ?? "none";
  return {
    aliases: [],
    hasFile: secret !== "none",
    isQuotable: secret === "none",
    mayLack: false,
    format: formatPlain,
    ...parts,
    secret,
  };
}

function formatPlain(value: unknown): string {
  if (value === null || value === undefined) return "";
  return Array.isArray(value) ? value.map(String).join(" ") : String(value);
}

/** A flag of the command line and the setting, or the file of a setting, that it stands for. */
export interface SettingFlag {
  /** Without dashes before it: `data-dir`, `greynoise-api-key-file`. */
  readonly flag: string;
  /** `IPCASCADE_DATA_DIR`, `GREYNOISE_API_KEY_FILE`. */
  readonly name: string;
  /** One line for the help text. */
  readonly about: string;
}

/** The flags of a setting. A secret on the command line is a secret in the process list, so it has none for the value. */
export function listFlags(definition: SettingDefinition<unknown>): readonly SettingFlag[] {
  const flag = definition.name.replace(/^IPCASCADE_/, "").toLowerCase().replaceAll("_", "-");
  const { name, about } = definition;
  const flags: SettingFlag[] = [];
  if (definition.secret !== "whole") flags.push({ flag, name, about });
  if (definition.hasFile) {
    flags.push({ flag: `${flag}-file`, name: `${name}_FILE`, about: `file with ${about}` });
  }
  return flags;
}
