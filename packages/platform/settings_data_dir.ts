/** Name of the settings file in the data directory. */
export const SETTINGS_FILE = "ipcascade.env";

/** The data directory where nobody names one; empty where the home directory is unknown. */
export function defaultDataDir(env: Readonly<Record<string, string | undefined>>): string {
  const { XDG_DATA_HOME } = env;
  const home = env.HOME?.trim() || null;
  // A relative XDG_DATA_HOME is invalid and ignored, says the XDG base directory specification.
  const base = XDG_DATA_HOME?.startsWith("/") ? XDG_DATA_HOME : home && `${home}/.local/share`;
  return base ? `${base}/ipcascade` : "";
}
