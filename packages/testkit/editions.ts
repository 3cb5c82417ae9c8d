import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { editionRecord } from "./edition_records.ts";
import { MmdbWriter } from "./mmdb_writer.ts";
import { buildRealSizeEdition } from "./real_size_edition.ts";
import { WORLD, type WorldAddress } from "./world.ts";

/** The two editions the product installs. */
export const EDITION_IDS = ["GeoLite2-City", "GeoLite2-ASN"] as const;

/** Name of an edition. */
export type TestEditionId = typeof EDITION_IDS[number];

/** Build epoch of the editions unless said otherwise: 2026-11-20T00:00:00Z, in seconds. */
export const EDITION_BUILD_EPOCH: number = Date.UTC(2026, 10, 20) / 1000;

/** How to build an edition. */
export interface EditionOptions {
  /** Seconds since 1970, or a date. Default `EDITION_BUILD_EPOCH`. */
  readonly buildEpoch?: number | Date;
  /** Default 28 for City and 24 for ASN, as MaxMind builds them. */
  readonly recordSize?: 24 | 28 | 32;
  /** What the metadata calls it. Default the edition's id. */
  readonly databaseType?: string;
  /** Changes or drops (null) single addresses: a new release that knows more or less. */
  readonly change?: (entry: WorldAddress) => WorldAddress | null;
}

/** Where a pair of editions was written; a path is there when its edition was asked for. */
export interface EditionPair {
  /** The directory. */
  readonly dir: string;
  /** `<dir>/GeoLite2-City.mmdb`. */
  readonly city: string;
  /** `<dir>/GeoLite2-ASN.mmdb`. */
  readonly asn: string;
}

/** Builds an edition of the world: some ten kilobytes, in a few milliseconds. */
export function buildEdition(id: TestEditionId, options: EditionOptions = {}): Uint8Array {
  const writer = new MmdbWriter({
    databaseType: options.databaseType ?? id,
    recordSize: options.recordSize ?? (id === "GeoLite2-City" ? 28 : 24),
    buildEpoch: options.buildEpoch ?? EDITION_BUILD_EPOCH,
    languages: ["en", "de"],
  });
  for (const original of WORLD) {
    const entry = options.change === undefined ? original : options.change(original);
    const record = entry === null ? null : editionRecord(id, entry);
    if (entry !== null && record !== null) writer.insert(entry.network, record);
  }
  return writer.toBytes();
}

/** Writes editions of the world into a directory, which is created; both unless told otherwise. */
export async function writeEditionPair(
  dir: string,
  options: EditionOptions & { readonly editions?: readonly TestEditionId[] } = {},
): Promise<EditionPair> {
  await mkdir(dir, { recursive: true });
  for (const id of options.editions ?? EDITION_IDS) {
    await writeFile(join(dir, `${id}.mmdb`), buildEdition(id, options));
  }
  return pairIn(dir);
}

/** Writes the City edition alone: an installation without ASN edition. */
export function writeCityEdition(dir: string, options: EditionOptions = {}): Promise<EditionPair> {
  return writeEditionPair(dir, { ...options, editions: ["GeoLite2-City"] });
}

/** Writes the ASN edition alone: an installation without City edition. */
export function writeAsnEdition(dir: string, options: EditionOptions = {}): Promise<EditionPair> {
  return writeEditionPair(dir, { ...options, editions: ["GeoLite2-ASN"] });
}

/**
 * Writes a pair of the size of MaxMind's own (about 50 MB and 9 MB): networks at random from a fixed seed over
 * most of IPv4 and some IPv6, and the world on top. Takes some seconds.
 */
export async function writeRealSizePair(
  dir: string,
  options: { readonly buildEpoch?: number | Date; readonly editions?: readonly TestEditionId[] } = {},
): Promise<EditionPair> {
  await mkdir(dir, { recursive: true });
  for (const id of options.editions ?? EDITION_IDS) {
    const bytes = buildRealSizeEdition(id, options.buildEpoch ?? EDITION_BUILD_EPOCH);
    await writeFile(join(dir, `${id}.mmdb`), bytes);
  }
  return pairIn(dir);
}

function pairIn(dir: string): EditionPair {
  return { dir, city: join(dir, "GeoLite2-City.mmdb"), asn: join(dir, "GeoLite2-ASN.mmdb") };
}
