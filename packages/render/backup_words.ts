import { type BackupOrigin, formatMinute } from "@ipcascade/core";
import type { BackupSummary } from "@ipcascade/operations";
import { formatAge } from "./age_text.ts";
import { formatBytes } from "./byte_text.ts";

/** Where rows come from: the embedded database, or the name of one on a server. */
export function describeOrigin({ kind, name }: BackupOrigin): string {
  return kind === "embedded" ? "embedded" : `server "${name}"`;
}

/** That a restore brings rows of another database; null when it does not. */
export function describeOtherDatabase(
  { other_database: other }: { readonly other_database: BackupOrigin | null },
): string | null {
  return other === null ? null : `it is of another database: ${describeOrigin(other)}`;
}

/** Whether, when and how far a backup was verified: `verified 2 h ago (rows)`. */
export function describeVerified({ verified }: Pick<BackupSummary, "verified">, now: number): string {
  if (verified === null) return "not verified";
  return `verified ${formatAge(verified.at, now)} ago (${verified.depth})`;
}

/** The editions of a backup in short: `City, ASN`; why there are none otherwise. */
export function describeEditions({ editions, missing_editions: missing }: BackupSummary): string {
  if (editions !== null) return editions.map(shortenEdition).join(", ");
  return missing === null ? "none" : MISSING[missing.reason];
}

const MISSING: Readonly<Record<NonNullable<BackupSummary["missing_editions"]>["reason"], string>> = {
  none: "none",
  expired: "expired",
  unreadable: "unreadable",
  not_wanted: "left out",
};

/** `GeoLite2-City.mmdb` is `City`. */
function shortenEdition(file: string): string {
  return file.replace(/^GeoLite2-/, "").replace(/\.mmdb$/, "");
}

/** What a backup is, in one line. */
export function describeBackup(backup: BackupSummary): string {
  const { created_at: at, rows, file_bytes: size, schema_version: schema, encrypted } = backup;
  const parts = [
    `made ${formatMinute(at)}`,
    `from ${describeOrigin(backup.origin)}`,
    `${rows} rows`,
    `${formatBytes(size)} of files${encrypted ? ", encrypted" : ""}`,
    `schema ${schema}`,
  ];
  return parts.join("; ");
}
