import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { AlertGrade, AlertRecord } from "@ipcascade/core";
import { isMissing, replaceFile } from "./durable_files.ts";

/** What a file remembers: of one key for one notifier. */
export interface AlertFile {
  readonly record: AlertRecord;
  /** Who has the right to tell, and until when, in milliseconds since 1970 UTC. */
  readonly claim: { readonly token: string; readonly until: number } | null;
}

/** A file with where it lies. */
export interface FoundAlertFile extends AlertFile {
  readonly path: string;
}

/** The directory of the lock under which files are changed. */
export function lockDirectory(dir: string): string {
  return join(dir, "lock");
}

/** Where a key is remembered for a notifier. */
export function alertFile(dir: string, notifier: string, key: string): string {
  // A name that starts with a dot, or a slash in it, would lead elsewhere.
  return join(dir, `${encodeURIComponent(key)}@${encodeURIComponent(notifier)}.json`);
}

/** All files that can be read, by key and notifier. */
export async function listAlertFiles(dir: string): Promise<readonly FoundAlertFile[]> {
  const found: FoundAlertFile[] = [];
  for (const name of (await listNames(dir)).sort()) {
    const path = join(dir, name);
    const file = name.endsWith(".json") ? await readAlertFile(path) : null;
    if (file !== null) found.push({ path, ...file });
  }
  return found;
}

async function listNames(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Null for a file that is not there, and for one that is damaged: both remember nothing. */
export async function readAlertFile(path: string): Promise<AlertFile | null> {
  try {
    const file = JSON.parse(await readFile(path, "utf8")) as AlertFile;
    return isWhole(file) ? file : null;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

/** Writes a file in one step. */
export async function writeAlertFile(path: string, file: AlertFile): Promise<void> {
  await replaceFile(path, JSON.stringify(file, withoutNul), dirname(path));
}

/** As the database keeps texts. */
function withoutNul(_name: string, value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll("\u0000", "") : value;
}

const GRADES: ReadonlySet<AlertGrade> = new Set(["ok", "warning", "critical", "unknown"]);

function isWhole({ record, claim }: AlertFile): boolean {
  const { key, notifier, title, message, fix, grade, since, seenAt, toldGrade, toldAt } = record;
  const isText = [key, notifier, title, message, fix ?? ""].every((text) => typeof text === "string");
  const isTime = [since, seenAt, toldAt ?? 0, claim?.until ?? 0].every(Number.isFinite);
  const isClaim = claim === null || typeof claim.token === "string";
  return isText && isTime && isClaim && GRADES.has(grade) && GRADES.has(toldGrade);
}
