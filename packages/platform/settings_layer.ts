/** Where a value came from. `file` is the settings file or a GeoIP.conf. */
export type SettingSource = "flag" | "environment" | "file" | "default";

/** One value of a layer. */
export interface LayerValue {
  /** Trimmed, not empty. */
  readonly text: string;
  /** Where it stands, for messages and `ipcascade config`: `environment`, `"/etc/ipcascade.env" line 3`. */
  readonly place: string;
  /** What the place calls it: `--data-dir`, `GREYNOISE_QUOTA`, `LicenseKey`. */
  readonly label: string;
}

/** One place that may hold settings. */
export interface SettingLayer {
  /** What kind of place it is. */
  readonly source: Exclude<SettingSource, "default">;
  /** The value under a setting's name; null when the layer has none. */
  find(name: string): LayerValue | null;
}

/** The environment as a layer. An empty variable is an unset one, as compose files write them. */
export function environmentLayer(env: Readonly<Record<string, string | undefined>>): SettingLayer {
  return {
    source: "environment",
    find(name) {
      const text = env[name]?.trim() ?? "";
      return text === "" ? null : { text, place: "environment", label: name };
    },
  };
}

/** Values that were collected before, by setting name. */
export function collectedLayer(
  source: SettingLayer["source"],
  values: ReadonlyMap<string, LayerValue>,
): SettingLayer {
  return { source, find: (name) => values.get(name) ?? null };
}
