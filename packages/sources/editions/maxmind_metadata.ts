import type { Refuse } from "./delivery.ts";

/** What MaxMind's metadata say of the newest release. */
export interface MaxmindMetadata {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Of the database, in lower-case hexadecimal. */
  readonly md5: string;
}

/** Reads the answer of `/geoip/updates/metadata`: exactly one row, of the edition that was asked for. */
export function readMaxmindMetadata(text: string, editionId: string, refuse: Refuse): MaxmindMetadata {
  const rows = readRows(text);
  if (rows === null) throw refuse("protocol", "the metadata are not what MaxMind's look like");
  if (rows.length === 0) throw refuse("not_found", "the provider knows no such edition");
  if (rows.length > 1) throw refuse("protocol", `the metadata have ${rows.length} rows, expected is one`);
  const { edition_id, date, md5 } = rows[0] ?? {};
  if (edition_id !== editionId) throw refuse("protocol", "the metadata are of another edition");
  if (typeof date !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(date)) {
    throw refuse("protocol", "the metadata have no date");
  }
  if (typeof md5 !== "string" || !/^[0-9a-f]{32}$/i.test(md5)) {
    throw refuse("protocol", "the metadata have no MD5");
  }
  return { date, md5: md5.toLowerCase() };
}

function readRows(text: string): readonly Readonly<Record<string, unknown>>[] | null {
  const answer = parseJson(text);
  if (!isObject(answer) || !Array.isArray(answer.databases)) return null;
  const rows: readonly unknown[] = answer.databases;
  return rows.every(isObject) ? rows : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
