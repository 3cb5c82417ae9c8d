import {
  parseS3Location,
  readAgeIdentities,
  readAgeRecipients,
  readBackupDir,
  readEndpoint,
  readRegion,
} from "./settings_backup_values.ts";
import { defineSetting } from "./settings_definition.ts";
import type { SettingTable } from "./settings_table_type.ts";
import type { SettingValues } from "./settings_type.ts";
import { readHeaderSecret, readInteger } from "./settings_values.ts";

/** Where backups are kept and who can read them; Amazon's names mean what they mean to Amazon's tools. */
export const BACKUP_SETTINGS: Pick<
  SettingTable,
  | "backupDir"
  | "backupKeepDays"
  | "backupAgeRecipients"
  | "backupAgeIdentities"
  | "awsAccessKeyId"
  | "awsSecretAccessKey"
  | "awsSessionToken"
  | "awsRegion"
  | "s3Endpoint"
> = {
  backupDir: defineSetting<string>({
    name: "BACKUP_DIR",
    about: "where backups are kept: a directory, or s3://bucket/prefix",
    read: (text, { home }) => readBackupDir(text, home),
    fallback: ({ dataDir }) => `${dataDir}/backups`,
  }),
  backupKeepDays: defineSetting<number>({
    name: "BACKUP_KEEP_DAYS",
    about: "days that a backup is kept",
    read: (text) => readInteger(text, { min: 1, max: 3650 }),
    fallback: () => 7,
  }),
  backupAgeRecipients: defineSetting<readonly string[]>({
    name: "BACKUP_AGE_RECIPIENTS",
    // A secret key, when the two were mixed up.
    isQuotable: false,
    about: "public keys of age that backups are encrypted to, with spaces between them",
    read: readAgeRecipients,
    fallback: () => [],
  }),
  backupAgeIdentities: defineSetting<readonly string[]>({
    name: "BACKUP_AGE_IDENTITY",
    secret: "whole",
    // The key is kept where nobody gets at it every day.
    mayLack: true,
    about: "secret keys of age that backups are decrypted with",
    read: readAgeIdentities,
    fallback: () => [],
  }),
  awsAccessKeyId: defineSetting<string | null>({
    name: "AWS_ACCESS_KEY_ID",
    hasFile: true,
    // The secret key, when the two were mixed up.
    isQuotable: false,
    about: "access key id for backups in S3",
    read: readHeaderSecret,
    fallback: () => null,
  }),
  awsSecretAccessKey: defineSetting<string | null>({
    name: "AWS_SECRET_ACCESS_KEY",
    secret: "whole",
    about: "secret access key for backups in S3",
    read: readHeaderSecret,
    fallback: () => null,
  }),
  awsSessionToken: defineSetting<string | null>({
    name: "AWS_SESSION_TOKEN",
    secret: "whole",
    about: "session token of temporary keys for S3",
    read: readHeaderSecret,
    fallback: () => null,
  }),
  awsRegion: defineSetting<string>({
    name: "AWS_REGION",
    aliases: ["AWS_DEFAULT_REGION"],
    about: "region of the bucket",
    read: readRegion,
    fallback: () => "us-east-1",
  }),
  s3Endpoint: defineSetting<string | null>({
    name: "AWS_ENDPOINT_URL_S3",
    aliases: ["AWS_ENDPOINT_URL"],
    about: "URL of an S3 server other than Amazon's",
    read: readEndpoint,
    fallback: () => null,
  }),
};

/** Recipients that a template left blank would make plain backups, which nobody wants who names them. */
export function listBlankRecipients(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const name = BACKUP_SETTINGS.backupAgeRecipients.name;
  const text = env[name] ?? "";
  if (text === "" || text.trim() !== "") return [];
  return [
    `Cannot use ${name}: there is none in it but blanks; leave it empty for backups that are not encrypted`,
  ];
}

/** What is missing for the place of the backups, a sentence each. */
export function listBackupProblems(values: SettingValues): readonly string[] {
  if (parseS3Location(values.backupDir) === null) return [];
  const missing: string[] = [];
  if (values.awsAccessKeyId === null) missing.push("AWS_ACCESS_KEY_ID");
  if (values.awsSecretAccessKey === null) missing.push("AWS_SECRET_ACCESS_KEY");
  if (missing.length === 0) return [];
  return [
    `Cannot use BACKUP_DIR "${values.backupDir}": ${missing.join(" and ")} ${
      missing.length > 1 ? "are" : "is"
    } not set`,
  ];
}
