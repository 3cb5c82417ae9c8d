import type { QuotaPolicy } from "@ipcascade/core";
import type { JobName } from "./settings_jobs.ts";
import type { SettingSource } from "./settings_layer.ts";
import type { ApiToken, EditionCanary, NetworkAddress } from "./settings_values.ts";

/** Every setting, read and checked. Null is "not set". */
export interface SettingValues {
  /** Holds the embedded database, editions and backups. */
  readonly dataDir: string;
  /** The settings file that was asked for; null means `ipcascade.env` in the data directory, if it is there. */
  readonly configFile: string | null;
  readonly geoipConfFile: string | null;
  /** A secret. Null is the embedded database in the data directory. */
  readonly databaseUrl: string | null;
  /** Connections to a database server; 0 is two for each processor core. */
  readonly databasePool: number;
  readonly maxmindAccountId: string | null;
  /** A secret. */
  readonly maxmindLicenseKey: string | null;
  readonly editionIds: readonly string[];
  readonly editionDir: string;
  /** URL without a slash at its end. */
  readonly updatesHost: string;
  /** A secret: URL with port, and with user and password when these are set. */
  readonly updatesProxy: string | null;
  /** A secret, `user:password`; already part of `updatesProxy`. */
  readonly updatesProxyUserPassword: string | null;
  readonly retryForMs: number;
  readonly lockFile: string | null;
  readonly editionProvider: "maxmind" | "dbip" | "mirror";
  /** An http(s) URL or a directory. */
  readonly editionMirrorUrl: string | null;
  readonly dbipUrl: string;
  /** Empty when switched off. */
  readonly editionCanaries: readonly EditionCanary[];
  readonly editionStore: "file" | "postgres";
  readonly cymruWhoisAddr: NetworkAddress;
  /** Null is the system's resolver. */
  readonly cymruDnsServer: NetworkAddress | null;
  readonly cymruTimeoutMs: number;
  /** A secret. */
  readonly greynoiseApiKey: string | null;
  /** URL without a slash at its end. */
  readonly greynoiseApiServer: string;
  readonly greynoiseQuota: QuotaPolicy;
  readonly greynoiseTimeoutMs: number;
  /** A secret. */
  readonly smtpUrl: string | null;
  readonly alertEmailTo: readonly string[];
  readonly alertEmailFrom: string | null;
  /** A secret: who knows the URL may post. */
  readonly alertWebhookUrl: string | null;
  /** A secret: who knows the URL may ping. */
  readonly hcPingUrl: string | null;
  readonly backupDir: string;
  readonly backupKeepDays: number;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Secrets. */
  readonly apiTokens: readonly ApiToken[];
  /** True when NO_COLOR is set, to whatever. */
  readonly noColor: boolean;
  /** Cron line in UTC of each job; null is off. */
  readonly schedules: Readonly<Record<JobName, string | null>>;
}

/** Where one setting's value came from. */
export interface SettingOrigin {
  readonly source: SettingSource;
  /** Says the exact place when it is not the setting's own name in the environment or the default; else empty. */
  readonly note: string;
}

/** Every setting with its origin, by setting name. */
export interface Settings extends SettingValues {
  readonly origins: ReadonlyMap<string, SettingOrigin>;
  /** Settings that have no effect as they are, a sentence each, without secrets. */
  readonly warnings: readonly string[];
}
