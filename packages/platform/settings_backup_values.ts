import { quoteInput } from "@ipcascade/core";
import { isAgeIdentity, isAgeRecipient } from "./age_keys.ts";
import { accept, type Reading, refuse } from "./settings_reading.ts";
import { readPath, readUrl } from "./settings_values.ts";

/** A place in S3. */
export interface S3Location {
  readonly bucket: string;
  /** Without slashes at its ends; empty for the whole bucket. */
  readonly prefix: string;
}

const SCHEME = /^s3:\/\//i;
/** Amazon's rules for buckets; the prefix is kept to what needs no escapes in a URL. */
const S3 = /^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([A-Za-z0-9._=-]+(?:\/[A-Za-z0-9._=-]+)*))?$/;

/** Reads `s3://bucket/prefix`; null when it is none. */
export function parseS3Location(text: string): S3Location | null {
  if (!SCHEME.test(text) || text.length > 500) return null;
  const match = S3.exec(text.replace(SCHEME, "").replace(/\/+$/, ""));
  if (match === null) return null;
  const [, bucket, prefix = ""] = match;
  // Clients on the way take these parts out of a path.
  if (prefix.split("/").some((part) => part === "." || part === "..")) return null;
  return { bucket: bucket!, prefix };
}

/** Writes what `parseS3Location` reads. */
export function formatS3Location({ bucket, prefix }: S3Location): string {
  return prefix === "" ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
}

/** Two letters at least: one alone is a drive. */
const ANY_SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/** Reads where backups are kept: a path, or `s3://bucket/prefix`. */
export function readBackupDir(text: string, home: string | null): Reading<string> {
  if (!ANY_SCHEME.test(text)) return readPath(text, home);
  const location = parseS3Location(text);
  if (location !== null) return accept(formatS3Location(location));
  return refuse(
    "a directory or s3://bucket/prefix, with a bucket of a-z 0-9 . - and a prefix of A-Z a-z 0-9 . _ = - /; " +
      "a directory whose name has a colon begins with / or ./",
  );
}

/** Reads public keys of age, with spaces, commas or lines between them. */
export function readAgeRecipients(text: string): Reading<readonly string[]> {
  const recipients = listWords(text);
  const wrong = recipients.findIndex((recipient) => !isAgeRecipient(recipient));
  if (wrong < 0 && recipients.length > 0) return accept(recipients);
  const problem = recipients.length === 0
    ? "there is none"
    : /secret/i.test(recipients[wrong]!)
    ? `entry ${wrong + 1} looks like a secret key, which belongs into BACKUP_AGE_IDENTITY`
    : `${quoteInput(recipients[wrong]!)} is none`;
  return refuse(`public keys of age, such as age1… from age-keygen, with spaces between them; ${problem}`);
}

/** Reads secret keys of age as age-keygen writes them, with comments. The refusal tells a key by its place alone. */
export function readAgeIdentities(text: string): Reading<readonly string[]> {
  const identities = listWords(text.replace(/^\s*#.*$/gm, ""));
  const wrong = identities.findIndex((identity) => !isAgeIdentity(identity));
  if (wrong < 0 && identities.length > 0) return accept(identities);
  const problem = identities.length === 0 ? "there is none" : `entry ${wrong + 1} is none`;
  return refuse(`secret keys of age, AGE-SECRET-KEY-1…, with lines or spaces between them; ${problem}`);
}

/** Reads the URL of a server, which has no user in it: requests are signed. */
export function readEndpoint(text: string): Reading<string> {
  const reading = readUrl(text, ["https:", "http:"]);
  if (!reading.ok) return reading;
  const { username, password, search } = new URL(text);
  return username + password + search === ""
    ? reading
    : refuse("a URL of https:// or http:// without user and query");
}

/** Reads a region: a word of letters, digits and dashes. */
export function readRegion(text: string): Reading<string> {
  return /^[A-Za-z0-9-]{1,40}$/.test(text) ? accept(text) : refuse("a region such as eu-central-1");
}

function listWords(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter((word) => word !== ""))];
}
