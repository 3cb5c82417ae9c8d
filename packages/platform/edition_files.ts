import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { quoteInput } from "@ipcascade/core";
import { describeSystemError } from "./input_unreadable_error.ts";

/** An edition that is there and can't be read: an incident, unlike one that is not installed. */
export interface UnreadableEdition {
  /** Path of the file or directory. */
  readonly name: string;
  /** What is wrong, for people. */
  readonly failure: string;
}

/** A whole edition in memory. */
export type EditionBytes = Uint8Array | UnreadableEdition;

/** The editions of a directory; null where there is none of the kind. */
export interface EditionFiles {
  /** GeoLite2-City or its like. */
  readonly city: EditionBytes | null;
  /** GeoLite2-ASN or its like. */
  readonly asn: EditionBytes | null;
}

type EditionKind = keyof EditionFiles;

const SUFFIX = ".mmdb";

/** Editions by kind, as their ids tell it. */
const KINDS: Readonly<Record<EditionKind, RegExp>> = { city: /City/i, asn: /ASN|ISP/i };

/** What geoipupdate leaves by default. */
const USUAL: Readonly<Record<EditionKind, string>> = { city: "GeoLite2-City", asn: "GeoLite2-ASN" };

/** DB-IP's names carry the month: `dbip-city-lite-2026-11.mmdb`. */
const DBIP = /^dbip-(city|asn)(?:-lite)?(-\d{4}-\d{2})?\.mmdb$/;

/**
 * Reads the editions of a directory of plain `.mmdb` files into memory, one of each kind: of `editionIds` the first
 * that is there, else GeoLite2, else DB-IP's newest month. Subfolders are not looked into. A directory that isn't
 * there holds nothing. Never throws for a file.
 */
export async function readEditionFiles(dir: string, editionIds: readonly string[]): Promise<EditionFiles> {
  let names: readonly string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    if (isMissing(error)) return { city: null, asn: null };
    return { city: unreadable(dir, error), asn: unreadable(dir, error) };
  }
  const [city, asn] = await Promise.all([
    readEdition(dir, findEdition("city", names, editionIds)),
    readEdition(dir, findEdition("asn", names, editionIds)),
  ]);
  return { city, asn };
}

function findEdition(
  kind: EditionKind,
  names: readonly string[],
  editionIds: readonly string[],
): string | null {
  for (const id of [...editionIds.filter((id) => KINDS[kind].test(id)), USUAL[kind]]) {
    if (names.includes(`${id}${SUFFIX}`)) return `${id}${SUFFIX}`;
  }
  return names.filter((name) => DBIP.exec(name)?.[1] === kind).sort(byMonth).at(-1) ?? null;
}

/** A name without a month is the oldest: nobody can tell its age. */
function byMonth(a: string, b: string): number {
  const [monthA, monthB] = [DBIP.exec(a)?.[2] ?? "", DBIP.exec(b)?.[2] ?? ""];
  return monthA < monthB ? -1 : monthA > monthB ? 1 : 0;
}

async function readEdition(dir: string, name: string | null): Promise<EditionBytes | null> {
  if (name === null) return null;
  try {
    const buffer = await readFile(join(dir, name));
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  } catch (error) {
    return unreadable(join(dir, name), error);
  }
}

function unreadable(path: string, error: unknown): UnreadableEdition {
  return { name: path, failure: `Cannot read ${quoteInput(path)}: ${describeSystemError(error)}` };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
