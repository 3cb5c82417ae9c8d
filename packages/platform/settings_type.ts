import type { EditionCanary, JobName, QuotaPolicy } from "@ipcascade/core";
import type { ApiAccessLog, ApiRateLimit, ApiToken } from "./settings_api_values.ts";
import type { SettingSource } from "./settings_layer.ts";
import type { NetworkAddress } from "./settings_values.ts";

/** Every setting, read and checked. Null is "not set". */
export interface SettingValues {
  /** Holds the embedded database, editions and backups. */
  readonly dataDir: string;
  /** The settings file that was asked for; null means `ipcascade.env` in the data directory, if it is there. */
  readonly configFile: string | null;
  /** A GeoIP.conf that settings were taken from. */
  readonly geoipConfFile: string | null;
  /** A secret. Null is the embedded database in the data directory. */
  readonly databaseUrl: string | null;
  /** Connections to a database server; 0 is two for each processor core. */
  readonly databasePool: number;
  /** Digits. */
  readonly maxmindAccountId: string | null;
  /** A secret. */
  readonly maxmindLicenseKey: string | null;
  /** Editions to keep, at least one. */
  readonly editionIds: readonly string[];
  /** Directory of the editions. */
  readonly editionDir: string;
  /** URL without a slash at its end. */
  readonly updatesHost: string;
  /** A secret: URL with port, and with user and password when these are set. */
  readonly updatesProxy: string | null;
  /** A secret, `user:password`; already part of `updatesProxy`. */
  readonly updatesProxyUserPassword: string | null;
  /** How long a failing download is tried again; 0 is once. */
  readonly retryForMs: number;
  /** Lock file shared with geoipupdate. */
  readonly lockFile: string | null;
  /** Where editions come from; with `mirror`, `editionMirrorUrl` is set. */
  readonly editionProvider: "maxmind" | "dbip" | "mirror";
  /** An http(s) URL or a directory. */
  readonly editionMirrorUrl: string | null;
  /** URL without a slash at its end. */
  readonly dbipUrl: string;
  /** Empty when switched off. */
  readonly editionCanaries: readonly EditionCanary[];
  /** Where editions are kept. */
  readonly editionStore: "file" | "postgres";
  /** Sets that are kept besides the one that serves. */
  readonly editionKeepSets: number;
  /** How far size and network count of a new edition may be from the installed one's before it is told, in percent. */
  readonly editionMaxChangePercent: number;
  /** Team Cymru's whois server. */
  readonly cymruWhoisAddr: NetworkAddress;
  /** Null is the system's resolver. */
  readonly cymruDnsServer: NetworkAddress | null;
  /** How long Team Cymru may stay silent. */
  readonly cymruTimeoutMs: number;
  /** A secret. */
  readonly greynoiseApiKey: string | null;
  /** URL without a slash at its end. */
  readonly greynoiseApiServer: string;
  /** What GreyNoise allows. */
  readonly greynoiseQuota: QuotaPolicy;
  /** Part of GreyNoise's quota that refreshing may use, 0 to 1; the rest is for who asks by hand. */
  readonly greynoiseRefreshShare: number;
  /** How long one GreyNoise request may take. */
  readonly greynoiseTimeoutMs: number;
  /** Hosts that `diagnose` connects to, to tell a fault of ours from a provider's; empty when switched off. */
  readonly diagnoseReferences: readonly NetworkAddress[];
  /** A secret. */
  readonly smtpUrl: string | null;
  /** Who gets alerts. */
  readonly alertEmailTo: readonly string[];
  /** Sender of alerts, with a name before it or without. */
  readonly alertEmailFrom: string | null;
  /** Whether the health check of the morning is mailed where mail is configured. */
  readonly morningReport: boolean;
  /** A secret: who knows the URL may post. */
  readonly alertWebhookUrl: string | null;
  /** A secret: who knows the URL may ping. */
  readonly hcPingUrl: string | null;
  /** Directory of the backups, or `s3://bucket/prefix`; then `awsAccessKeyId` and `awsSecretAccessKey` are set. */
  readonly backupDir: string;
  /** Days that a backup is kept. */
  readonly backupKeepDays: number;
  /** Public keys of age that backups are encrypted to; with none they are not encrypted. */
  readonly backupAgeRecipients: readonly string[];
  /** Secrets: keys of age that backups are decrypted with. */
  readonly backupAgeIdentities: readonly string[];
  /** Key of the account that S3 is asked as. */
  readonly awsAccessKeyId: string | null;
  /** A secret. */
  readonly awsSecretAccessKey: string | null;
  /** A secret: of keys that are valid for a while. */
  readonly awsSessionToken: string | null;
  /** Region of the bucket. */
  readonly awsRegion: string;
  /** URL without a slash at its end, of a server other than Amazon's. */
  readonly s3Endpoint: string | null;
  /** Interface that the API listens on, without brackets. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Secrets. */
  readonly apiTokens: readonly ApiToken[];
  /** What one address, and one token, may send; null when nobody said. */
  readonly apiRateLimit: ApiRateLimit | "off" | null;
  /** Addresses and CIDR blocks of proxies whose word on the client's address counts. */
  readonly apiTrustedProxies: readonly string[];
  /** How long one request may take until its answer begins. */
  readonly apiRequestTimeoutMs: number;
  /** Requests that are worked on at once. */
  readonly apiConcurrency: number;
  /** Requests that a line is written about. */
  readonly apiAccessLog: ApiAccessLog;
  /** True when NO_COLOR is set, to whatever. */
  readonly noColor: boolean;
  /** Timelines of Deno Deploy that jobs run on, in lower case; `all` stands for every one. */
  readonly scheduleTimelines: readonly string[];
  /** Cron line in UTC of each job; null is off. */
  readonly schedules: Readonly<Record<JobName, string | null>>;
}

/** Where one setting's value came from. */
export interface SettingOrigin {
  /** Which layer it came from. */
  readonly source: SettingSource;
  /** Says the exact place when it is not the setting's own name in the environment or the default; else empty. */
  readonly note: string;
}

/** Every setting with its origin, by setting name. */
export interface Settings extends SettingValues {
  /** By setting name. */
  readonly origins: ReadonlyMap<string, SettingOrigin>;
  /** Why a value that has to be read from a file is not there, by setting name; without secrets. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** Settings that have no effect as they are, a sentence each, without secrets. */
  readonly warnings: readonly string[];
}
