import type { EditionCanary } from "@ipcascade/core";
import { defineSetting } from "./settings_definition.ts";
import { formatDuration } from "./settings_duration.ts";
import type { SettingTable } from "./settings_table_type.ts";
import type { SettingValues } from "./settings_type.ts";
import {
  readAccountId,
  readCanaries,
  readChoice,
  readDuration,
  readEditionIds,
  readHeaderSecret,
  readInteger,
  readMirror,
  readPath,
  readProxy,
  readUpdatesHost,
  readUrl,
  readUserPassword,
} from "./settings_values.ts";

/** Databases and where they come from; geoipupdate's names mean what they mean to geoipupdate. */
export const EDITION_SETTINGS: Pick<
  SettingTable,
  | "geoipConfFile"
  | "maxmindAccountId"
  | "maxmindLicenseKey"
  | "editionIds"
  | "editionDir"
  | "updatesHost"
  | "updatesProxy"
  | "updatesProxyUserPassword"
  | "retryForMs"
  | "lockFile"
  | "editionProvider"
  | "editionMirrorUrl"
  | "dbipUrl"
  | "editionCanaries"
  | "editionStore"
  | "editionKeepSets"
  | "editionMaxChangePercent"
> = {
  geoipConfFile: defineSetting<string | null>({
    name: "GEOIPUPDATE_CONF_FILE",
    about: "a GeoIP.conf to take MaxMind's settings from",
    read: (text, { home }) => readPath(text, home),
    fallback: () => null,
  }),
  maxmindAccountId: defineSetting<string | null>({
    name: "GEOIPUPDATE_ACCOUNT_ID",
    aliases: ["MAXMIND_ACCOUNT_ID"],
    hasFile: true,
    // The licence key, when the two were mixed up.
    isQuotable: false,
    about: "MaxMind account id",
    read: readAccountId,
    fallback: () => null,
  }),
  maxmindLicenseKey: defineSetting<string | null>({
    name: "GEOIPUPDATE_LICENSE_KEY",
    aliases: ["MAXMIND_LICENSE_KEY"],
    secret: "whole",
    about: "MaxMind licence key",
    read: readHeaderSecret,
    fallback: () => null,
  }),
  editionIds: defineSetting<readonly string[]>({
    name: "GEOIPUPDATE_EDITION_IDS",
    about: "editions to keep, with spaces between them",
    read: readEditionIds,
    fallback: () => ["GeoLite2-City", "GeoLite2-ASN"],
  }),
  editionDir: defineSetting<string>({
    name: "GEOIPUPDATE_DB_DIR",
    about: "directory of the editions",
    read: (text, { home }) => readPath(text, home),
    fallback: ({ dataDir }) => `${dataDir}/editions`,
  }),
  updatesHost: defineSetting<string>({
    name: "GEOIPUPDATE_HOST",
    about: "MaxMind's update server",
    read: readUpdatesHost,
    fallback: () => "https://updates.maxmind.com",
  }),
  updatesProxy: defineSetting<string | null>({
    name: "GEOIPUPDATE_PROXY",
    secret: "url",
    about: "proxy for edition downloads",
    read: readProxy,
    fallback: () => null,
  }),
  updatesProxyUserPassword: defineSetting<string | null>({
    name: "GEOIPUPDATE_PROXY_USER_PASSWORD",
    secret: "whole",
    about: "user:password for that proxy",
    read: readUserPassword,
    fallback: () => null,
  }),
  retryForMs: defineSetting<number>({
    name: "GEOIPUPDATE_RETRY_FOR",
    about: "how long a failing download is tried again",
    read: (text) => readDuration(text, 0),
    fallback: () => 300_000,
    format: formatDuration,
  }),
  lockFile: defineSetting<string | null>({
    name: "GEOIPUPDATE_LOCK_FILE",
    about: "lock file shared with geoipupdate",
    read: (text, { home }) => readPath(text, home),
    fallback: () => null,
  }),
  editionProvider: defineSetting<SettingValues["editionProvider"]>({
    name: "EDITION_PROVIDER",
    about: "maxmind, dbip or mirror",
    read: (text) => readChoice(text, ["maxmind", "dbip", "mirror"]),
    fallback: ({ hasMaxmindAccount }) => hasMaxmindAccount ? "maxmind" : "dbip",
  }),
  editionMirrorUrl: defineSetting<string | null>({
    name: "EDITION_MIRROR_URL",
    secret: "url",
    about: "where EDITION_PROVIDER=mirror finds editions: an http(s) URL or a directory",
    read: (text, { home }) => readMirror(text, home),
    fallback: () => null,
  }),
  dbipUrl: defineSetting<string>({
    name: "DBIP_URL",
    about: "DB-IP's downloads",
    read: (text) => readUrl(text, ["https:", "http:"]),
    fallback: () => "https://download.db-ip.com/free",
  }),
  editionCanaries: defineSetting<readonly EditionCanary[]>({
    name: "EDITION_CANARIES",
    about: "look-ups that a new edition must pass, or off",
    read: readCanaries,
    fallback: () => [{ address: "8.8.8.8", asn: 15169, country: "US" }],
    format: formatCanaries,
  }),
  editionStore: defineSetting<SettingValues["editionStore"]>({
    name: "EDITION_STORE",
    about: "file, or postgres for machines without a lasting disk",
    read: (text) => readChoice(text, ["file", "postgres"]),
    fallback: () => "file",
  }),
  editionKeepSets: defineSetting<number>({
    name: "EDITION_KEEP_SETS",
    about: "sets of editions kept besides the one that serves",
    read: (text) => readInteger(text, { min: 0, max: 100 }),
    fallback: () => 2,
  }),
  editionMaxChangePercent: defineSetting<number>({
    name: "EDITION_MAX_CHANGE",
    about: "change of size or network count that is told of a new edition, in percent",
    read: (text) => readInteger(text, { min: 0, max: 1_000 }),
    fallback: () => 25,
  }),
};

function formatCanaries(canaries: readonly EditionCanary[]): string {
  if (canaries.length === 0) return "off";
  return canaries.map(({ address, asn, country }) => {
    const expected = [asn === null ? null : `AS${asn}`, country].filter((part) => part !== null);
    return `${address}=${expected.join("/")}`;
  }).join(",");
}
