import { quoteInput } from "@ipcascade/core";
import type { SettingsFile } from "./settings_env_file.ts";
import type { LayerValue } from "./settings_layer.ts";
import { findNearestName } from "./settings_names.ts";

/** The setting that stands for each line of a GeoIP.conf; null is a line that geoipupdate knows and nothing here uses. */
const OPTIONS: Readonly<Record<string, string | null>> = {
  AccountID: "GEOIPUPDATE_ACCOUNT_ID",
  UserId: "GEOIPUPDATE_ACCOUNT_ID",
  LicenseKey: "GEOIPUPDATE_LICENSE_KEY",
  EditionIDs: "GEOIPUPDATE_EDITION_IDS",
  ProductIds: "GEOIPUPDATE_EDITION_IDS",
  DatabaseDirectory: "GEOIPUPDATE_DB_DIR",
  Host: "GEOIPUPDATE_HOST",
  Proxy: "GEOIPUPDATE_PROXY",
  ProxyUserPassword: "GEOIPUPDATE_PROXY_USER_PASSWORD",
  RetryFor: "GEOIPUPDATE_RETRY_FOR",
  LockFile: "GEOIPUPDATE_LOCK_FILE",
  PreserveFileTimes: null,
  Parallelism: null,
  Protocol: null,
  SkipHostnameVerification: null,
  SkipPeerVerification: null,
};

const USED = Object.keys(OPTIONS).filter((option) => OPTIONS[option] !== null).join(", ");

/** Reads a GeoIP.conf in geoipupdate's grammar: an option and its value a line, case-sensitive, `#` comments. */
export function parseGeoipConf(text: string, path: string): SettingsFile {
  const values = new Map<string, LayerValue>();
  const problems: string[] = [];
  for (const [i, raw] of text.replace(/^\uFEFF/, "").split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const place = `${quoteInput(path)} line ${i + 1}`;
    const [option = "", ...words] = line.split(/\s+/);
    const name = Object.hasOwn(OPTIONS, option) ? OPTIONS[option] : undefined;
    if (name === undefined) {
      const nearest = findNearestName(option, Object.keys(OPTIONS));
      // Only what resembles an option is quoted: the rest may be a wrapped licence key.
      problems.push(
        nearest === null
          ? `Cannot read ${place}: allowed are ${USED}`
          : `Cannot read option ${quoteInput(option)} in ${place}: did you mean ${nearest}?`,
      );
    } else if (words.length === 0) {
      problems.push(`Cannot read option ${option} in ${place}: it has no value`);
    } else if (name !== null && values.has(name)) {
      problems.push(`Cannot read option ${option} in ${place}: the file sets it twice`);
    } else if (name !== null) {
      values.set(name, { text: words.join(" "), place, label: option });
    }
  }
  return { values, problems };
}
