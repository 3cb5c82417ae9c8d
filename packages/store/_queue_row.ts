import { type ActivityFilter, SOURCE_NAMES, type SourceName, type TakenBatch } from "@ipcascade/core";

/** Reads a row as pg-boss delivers it. */
export function readTakenBatch(row: unknown): TakenBatch {
  const { id, retryCount, data } = row as { id: string; retryCount: number; data: unknown };
  const attempt = retryCount + 1;
  const { addresses, sources, activity } = typeof data === "object" && data !== null
    ? data as Record<string, unknown>
    : {};
  if (isTextList(addresses) && isSourceList(sources) && isFilter(activity)) {
    return { id, attempt, addresses, sources, activity };
  }
  const problem = "Cannot read the batch: its data is not what this program writes";
  return { id, attempt, addresses: [], sources: [], activity: null, problem };
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isSourceList(value: unknown): value is SourceName[] {
  return isTextList(value) && value.every((one) => SOURCE_NAMES.some((name) => name === one));
}

function isFilter(value: unknown): value is ActivityFilter | null {
  if (value === null) return true;
  if (typeof value !== "object") return false;
  const { minCommands, minDownloads, minDurationS } = value as Record<string, unknown>;
  return [minCommands, minDownloads, minDurationS].every((part) => typeof part === "number");
}
