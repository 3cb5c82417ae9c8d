import { JOB_NAMES, type JobName, quoteInput, UsageError } from "@ipcascade/core";
import { describeSystemError } from "./input_unreadable_error.ts";
import { listBackupProblems, listBlankRecipients } from "./settings_backups.ts";
import { explainBadValue } from "./settings_bad_value.ts";
import { composeDatabaseUrl } from "./settings_database.ts";
import { defaultDataDir, SETTINGS_FILE } from "./settings_data_dir.ts";
import type { DefaultContext, SettingDefinition } from "./settings_definition.ts";
import { SETTING_DEFINITIONS, SETTING_TABLE } from "./settings_definitions.ts";
import { parseSettingsFile, type SettingsFile } from "./settings_env_file.ts";
import { type FlagValues, readFlags } from "./settings_flags.ts";
import { parseGeoipConf } from "./settings_geoip_conf.ts";
import { collectedLayer, environmentLayer, type LayerValue, type SettingLayer } from "./settings_layer.ts";
import { claimsToBeSetting, explainUnknownName, isForeignName } from "./settings_names.ts";
import { scheduleDefinition } from "./settings_schedule.ts";
import type { TextFileKind } from "./settings_text_file.ts";
import type { SettingOrigin, Settings, SettingValues } from "./settings_type.ts";

/** What the settings are read from. */
export interface SettingInputs {
  /** The environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** See `FlagValues`. */
  readonly flags: FlagValues;
  /** The text of a file, null when there is none of that name; throws when it can't be read. */
  readonly readFile: (path: string, kind: TextFileKind) => string | null;
}

const DATABASE_PARTS = [
  ...["DB_HOST", "DB_PORT", "DB_USER", "DB_NAME", "DB_PASSWORD", "DB_PASSWORD_FILE"],
  ...["PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGPASSWORD_FILE", "PGSSLMODE"],
];

/**
 * Reads every setting: flags before environment before files (the settings file, then a GeoIP.conf) before defaults.
 * Throws `UsageError` with one line for each value that can't be used and each name that nobody knows; the text of
 * a secret is never in it.
 */
export function readSettings(inputs: SettingInputs): Settings {
  const reader = new SettingsReader(inputs);
  const settings = reader.read();
  const problems = [...new Set(reader.problems)];
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  return settings;
}

/** One reading: the layers so far, the origins and what was wrong. */
class SettingsReader {
  readonly problems: string[] = [];
  readonly #inputs: SettingInputs;
  readonly #home: string | null;
  readonly #layers: SettingLayer[];
  readonly #origins = new Map<string, SettingOrigin>();
  readonly #unreadable = new Map<string, string>();

  constructor(inputs: SettingInputs) {
    this.#inputs = inputs;
    this.#home = inputs.env.HOME?.trim() || null;
    const flags = readFlags(inputs.flags);
    this.problems.push(...flags.problems);
    this.#layers = [collectedLayer("flag", flags.values), environmentLayer(inputs.env)];
    this.problems.push(...listBlankRecipients(inputs.env));
    const names = Object.keys(inputs.env).filter(claimsToBeSetting);
    this.#checkNames(names.map((name) => ({ name, place: "environment" })));
  }

  read(): Settings {
    const dataDir = this.#readDataDir();
    this.#addSettingsFile(dataDir);
    const context = { dataDir: this.#readDataDir(), hasMaxmindAccount: false };
    this.#addGeoipConf(context);
    const values = this.#readValues(context);
    return {
      ...values,
      origins: this.#origins,
      unreadable: this.#unreadable,
      warnings: listWarnings(values),
    };
  }

  #readDataDir(): string {
    const context = { dataDir: defaultDataDir(this.#inputs.env), hasMaxmindAccount: false };
    const dataDir = this.#readOne(SETTING_TABLE.dataDir, context);
    if (dataDir === "") {
      this.problems.push("Cannot choose a data directory: neither IPCASCADE_DATA_DIR nor HOME is set");
    }
    return dataDir;
  }

  #addSettingsFile(dataDir: string): void {
    const named = this.#readOne(SETTING_TABLE.configFile, { dataDir, hasMaxmindAccount: false });
    const path = named ?? `${dataDir}/${SETTINGS_FILE}`;
    const text = this.#readFile(path, {
      label: "IPCASCADE_CONFIG_FILE",
      isNeeded: named !== null,
      kind: "settings",
    });
    if (text === null) return;
    const file = parseSettingsFile(text, path);
    this.#addFile(file);
    this.#checkNames([...file.values].map(([name, { place }]) => ({ name, place })), true);
    // The file is found by these two, so they can't be in it; the directory can when the file was named.
    const circular = named === null
      ? ["IPCASCADE_CONFIG_FILE", "IPCASCADE_DATA_DIR"]
      : ["IPCASCADE_CONFIG_FILE"];
    for (const name of circular) {
      const value = file.values.get(name);
      if (value !== undefined) {
        this.problems.push(
          `Cannot use ${name} (${value.place}): the file is found by it, set it in the environment`,
        );
      }
    }
  }

  #addGeoipConf(context: DefaultContext): void {
    const path = this.#readOne(SETTING_TABLE.geoipConfFile, context);
    if (path === null) return;
    const text = this.#readFile(path, {
      label: "GEOIPUPDATE_CONF_FILE",
      isNeeded: true,
      kind: "settings",
    });
    if (text !== null) this.#addFile(parseGeoipConf(text, path));
  }

  #addFile(file: SettingsFile): void {
    this.problems.push(...file.problems);
    this.#layers.push(collectedLayer("file", file.values));
  }

  #readFile(path: string, options: { label: string; isNeeded: boolean; kind: TextFileKind }): string | null {
    const { label, isNeeded, kind } = options;
    try {
      const text = this.#inputs.readFile(path, kind);
      if (text === null && isNeeded) {
        this.problems.push(`Cannot read ${label} ${quoteInput(path)}: there is no such file`);
      }
      return text;
    } catch (error) {
      this.problems.push(`Cannot read ${label} ${quoteInput(path)}: ${describeSystemError(error)}`);
      return null;
    }
  }

  #checkNames(names: readonly { name: string; place: string }[], isFile = false): void {
    const known = SETTING_DEFINITIONS.flatMap(({ name, aliases, hasFile }) =>
      [name, ...aliases].flatMap((each) => hasFile ? [each, `${each}_FILE`] : [each])
    );
    if (isFile) known.push(...DATABASE_PARTS);
    for (const { name, place } of names) {
      if (!known.includes(name) && !isForeignName(name)) {
        this.problems.push(explainUnknownName(name, { known, place }));
      }
    }
  }

  #readValues(early: DefaultContext): SettingValues {
    const hasMaxmindAccount = this.#readOne(SETTING_TABLE.maxmindAccountId, early) !== null &&
      this.#readOne(SETTING_TABLE.maxmindLicenseKey, early) !== null;
    const context = { ...early, hasMaxmindAccount };
    const read: Record<string, unknown> = {};
    const definitions: [string, SettingDefinition<unknown>][] = Object.entries(SETTING_TABLE);
    for (const [key, definition] of definitions) read[key] = this.#readOne(definition, context);
    const schedules: Partial<Record<JobName, string | null>> = {};
    for (const job of JOB_NAMES) schedules[job] = this.#readOne(scheduleDefinition(job), context);
    // The table has a definition of the right type under each key of SettingValues.
    const values = { ...read, schedules } as unknown as SettingValues;
    if (values.editionProvider === "mirror" && values.editionMirrorUrl === null) {
      this.problems.push(`Cannot use EDITION_PROVIDER "mirror": EDITION_MIRROR_URL is not set`);
    }
    this.problems.push(...listBackupProblems(values));
    return { ...values, updatesProxy: joinProxy(values) };
  }

  #readOne<Value>(definition: SettingDefinition<Value>, context: DefaultContext): Value {
    const found = this.#findValue(definition);
    if (found === null) {
      this.#origins.set(definition.name, {
        source: "default",
        note: this.#unreadable.get(definition.name) ?? "",
      });
      return definition.fallback(context);
    }
    const { value, source } = found;
    this.#origins.set(definition.name, { source, note: noteOf(definition, found) });
    const reading = definition.read(value.text, { home: this.#home });
    if (reading.ok) return reading.value;
    this.problems.push(explainBadValue(definition, value, reading.allowed));
    return definition.fallback(context);
  }

  #findValue(definition: SettingDefinition<unknown>): FoundValue | null {
    for (const layer of this.#layers) {
      for (const name of [definition.name, ...definition.aliases]) {
        const value = definition.hasFile ? this.#findIn(layer, name, definition) : layer.find(name);
        if (value !== null) return { value, source: layer.source };
      }
      if (definition.name !== "DATABASE_URL") continue;
      const composed = composeDatabaseUrl(layer, (name) => this.#findSecret(layer, name));
      if (composed.kind === "problem") this.problems.push(composed.message);
      if (composed.kind === "url") return { value: composed.value, source: layer.source };
    }
    return null;
  }

  /** A file that may be away is no problem of the settings. */
  #findIn(layer: SettingLayer, name: string, definition: SettingDefinition<unknown>): LayerValue | null {
    const known = this.problems.length;
    const value = this.#findSecret(layer, name);
    if (!definition.mayLack) return value;
    for (const problem of this.problems.splice(known)) this.#unreadable.set(definition.name, problem);
    return value;
  }

  /** `NAME_FILE` wins over `NAME`, as geoipupdate has it. */
  #findSecret(layer: SettingLayer, name: string): LayerValue | null {
    const pointer = layer.find(`${name}_FILE`);
    if (pointer === null) return layer.find(name);
    const text = this.#readFile(pointer.text, {
      label: pointer.label,
      isNeeded: true,
      kind: "secret",
    });
    if (text === null) return null;
    if (text.trim() === "") {
      this.problems.push(`Cannot read ${pointer.label} ${quoteInput(pointer.text)}: the file is empty`);
      return null;
    }
    return { ...pointer, text: text.trim() };
  }
}

interface FoundValue {
  readonly value: LayerValue;
  readonly source: SettingLayer["source"];
}

function noteOf(definition: SettingDefinition<unknown>, found: FoundValue): string {
  const { label, place } = found.value;
  const parts = [
    ...(label === definition.name ? [] : [label]),
    ...(found.source === "file" ? [place] : []),
  ];
  return parts.join(" in ");
}

function joinProxy(values: SettingValues): string | null {
  const { updatesProxy, updatesProxyUserPassword } = values;
  if (updatesProxy === null || updatesProxyUserPassword === null) return updatesProxy;
  const url = new URL(updatesProxy);
  // A user in the URL wins, as geoipupdate has it.
  if (url.username !== "") return updatesProxy;
  const colon = updatesProxyUserPassword.indexOf(":");
  const user = encodeURIComponent(updatesProxyUserPassword.slice(0, colon));
  const password = encodeURIComponent(updatesProxyUserPassword.slice(colon + 1));
  return updatesProxy.replace("://", () => `://${user}:${password}@`);
}

function listWarnings(values: SettingValues): readonly string[] {
  const warnings: string[] = [];
  const hasId = values.maxmindAccountId !== null;
  if (hasId !== (values.maxmindLicenseKey !== null)) {
    const [set, unset] = hasId ? ["ACCOUNT_ID", "LICENSE_KEY"] : ["LICENSE_KEY", "ACCOUNT_ID"];
    warnings.push(`GEOIPUPDATE_${set} has no effect: GEOIPUPDATE_${unset} is not set`);
  }
  if (values.alertEmailTo.length > 0 && values.smtpUrl === null) {
    warnings.push("ALERT_EMAIL_TO has no effect: SMTP_URL is not set");
  }
  if (values.smtpUrl !== null && values.alertEmailTo.length === 0) {
    warnings.push("SMTP_URL has no effect: ALERT_EMAIL_TO is not set");
  }
  if (values.updatesProxyUserPassword !== null && values.updatesProxy === null) {
    warnings.push("GEOIPUPDATE_PROXY_USER_PASSWORD has no effect: GEOIPUPDATE_PROXY is not set");
  }
  if (values.editionMirrorUrl !== null && values.editionProvider !== "mirror") {
    warnings.push(`EDITION_MIRROR_URL has no effect: EDITION_PROVIDER is ${values.editionProvider}`);
  }
  return warnings;
}
