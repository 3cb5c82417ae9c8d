import {
  BACKUP_DEPTHS,
  BACKUP_FORMAT,
  BACKUP_REASONS,
  type BackupFinding,
  type BackupManifest,
  type BackupMark,
  listBackupFiles,
} from "./backup.ts";
import { BackupDamagedError, BackupRefusedError } from "./backup_errors.ts";
import { readEditionSet } from "./edition_document.ts";
import { isEditionFileName } from "./edition_name.ts";
import { type Check, count, hex, instant, listOf, maybe, oneOf, shaped, text } from "./shape_check.ts";

/** SHA-256 of a text in UTF-8, in lower-case hexadecimal. */
export type DigestText = (text: string) => string;

const ID = /^\d{8}-\d{6}-[0-9a-f]{8}$/;
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** Tells whether a text is what ids of backups look like. */
export function isBackupId(id: string): boolean {
  return ID.test(id);
}

/** Tells whether a file of that name may lie in a backup. */
export function isBackupFileName(name: string): boolean {
  return FILE_NAME.test(name);
}

/** The text of a manifest, with the digest of all the rest as its last field. */
export function renderBackupManifest(
  manifest: Omit<BackupManifest, "sha256">,
  digest: DigestText,
): string {
  return write({ ...manifest, sha256: digest(write(manifest)) });
}

/**
 * Reads a manifest. Throws `BackupDamagedError` when a byte of it is not as it was written, and `BackupRefusedError`
 * when it is of a format that this program does not know.
 */
export function readBackupManifest(document: string, digest: DigestText): BackupManifest {
  const value = parse(document);
  if (isNewer(value)) {
    throw new BackupRefusedError(
      `Cannot read the backup: its format is ${value.format}, this program knows ${BACKUP_FORMAT} and is too old`,
    );
  }
  if (!isManifest(value)) throw damaged("it is not the manifest of a backup");
  const manifest = value as BackupManifest;
  const { sha256, ...rest } = manifest;
  if (write(manifest) !== document || digest(write(rest)) !== sha256) {
    throw damaged("it was changed after it was written");
  }
  if (!isConsistent(manifest)) throw damaged("what it says does not fit together");
  return manifest;
}

/** The text of a mark. */
export function renderBackupMark(mark: BackupMark): string {
  return write(mark);
}

/** Reads a mark; null when it is damaged, of another backup, or of another manifest. */
export function readBackupMark(
  document: string,
  manifest: Pick<BackupManifest, "id" | "sha256">,
): BackupMark | null {
  try {
    const value: unknown = JSON.parse(document);
    if (!isMark(value)) return null;
    const mark = value as BackupMark;
    return mark.id === manifest.id && mark.manifest_sha256 === manifest.sha256 ? mark : null;
  } catch {
    return null;
  }
}

/** The text of a finding, which takes the place of a mark. */
export function renderBackupFinding(finding: BackupFinding): string {
  return write(finding);
}

/** Reads what was found of a backup; null when the text is a mark, is damaged, or is about another backup. */
export function readBackupFinding(document: string, id: string): BackupFinding | null {
  try {
    const value: unknown = JSON.parse(document);
    if (!isFinding(value)) return null;
    const finding = value as BackupFinding;
    return finding.id === id ? finding : null;
  } catch {
    return null;
  }
}

function write(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function parse(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    throw damaged("it is no JSON");
  }
}

function damaged(problem: string): BackupDamagedError {
  return new BackupDamagedError(`Cannot trust the manifest of the backup: ${problem}`, "manifest");
}

function isNewer(value: unknown): value is { format: number } {
  return typeof value === "object" && value !== null && "format" in value &&
    typeof value.format === "number" && Number.isInteger(value.format) && value.format > BACKUP_FORMAT;
}

const file: Check = (value) => typeof value === "string" && isBackupFileName(value);
const id: Check = (value) => typeof value === "string" && isBackupId(value);
const name: Check = (value) => typeof value === "string" && /^[a-z_][a-z0-9_]*$/.test(value);
const number: Check = (value) => typeof value === "string" && /^-?\d{1,19}$/.test(value);
const editionFile: Check = (value) => typeof value === "string" && isEditionFileName(value);
const stored = { file, file_bytes: count, file_sha256: hex(64) };

const table = shaped({
  ...stored,
  table: name,
  columns: listOf(shaped({ name: text, type: text })),
  key: listOf(text),
  sequence: maybe(shaped({ column: text, next: number })),
  rows: count,
  bytes: count,
  checks: listOf(shaped({ rows: count, sha256: hex(64) })),
});

const isManifest = shaped({
  format: oneOf(BACKUP_FORMAT),
  id,
  created_at: instant,
  reason: oneOf(...BACKUP_REASONS),
  product_version: text,
  schema: shaped({ version: count, checksum: hex(64) }),
  origin: shaped({ id: maybe(text), kind: oneOf("embedded", "server"), name: text, server_version: text }),
  encryption: maybe(shaped({ method: oneOf("age"), recipients: listOf(text) })),
  tables: listOf(table),
  editions: maybe(shaped({
    set: (value) => readEditionSet(value) !== null,
    files: listOf(shaped({ ...stored, edition: editionFile, bytes: count, sha256: hex(64) })),
  })),
  missing_editions: maybe(shaped({
    reason: oneOf("none", "expired", "unreadable", "not_wanted"),
    at: instant,
    message: text,
  })),
  sha256: hex(64),
});

const isMark = shaped({
  format: oneOf(BACKUP_FORMAT),
  id,
  manifest_sha256: hex(64),
  verified_at: instant,
  depth: oneOf(...BACKUP_DEPTHS),
  product_version: text,
});

const isFinding = shaped({
  format: oneOf(BACKUP_FORMAT),
  id,
  found_at: instant,
  damage: text,
  product_version: text,
});

/** Names stand for one thing each, and the last link of every chain covers its table. */
function isConsistent(manifest: BackupManifest): boolean {
  const files = listBackupFiles(manifest).map((one) => one.file);
  const tables = manifest.tables.map((one) => one.table);
  const distinct = (names: readonly string[]) => new Set(names).size === names.length;
  if (!distinct(files) || !distinct(tables)) return false;
  if ((manifest.editions === null) === (manifest.missing_editions === null)) return false;
  return manifest.tables.every(({ rows, checks, columns, key }) => {
    const columnNames = columns.map((column) => column.name);
    return checks.at(-1)?.rows === rows && distinct(columnNames) && key.length > 0 &&
      key.every((column) => columnNames.includes(column));
  });
}
