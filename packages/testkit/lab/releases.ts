import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { buildEdition, EDITION_BUILD_EPOCH, EDITION_IDS, type TestEditionId } from "../editions.ts";
import { type TarHostility, writeEditionTar } from "../tar_writer.ts";

/** A release of an edition that the MaxMind stand-in offers. */
export interface Release {
  /** For instance `GeoLite2-City`. */
  readonly edition: string;
  /** `YYYYMMDD`. */
  readonly date: string;
  /** The `.mmdb`. */
  readonly database: Uint8Array;
  /** Its build epoch. */
  readonly publishedAt: Date;
}

/** What to publish. */
export interface ReleaseOptions {
  /** Seconds since 1970, or a date. Default `EDITION_BUILD_EPOCH`. */
  readonly buildEpoch?: number | Date;
  /** The database. Default: the world's edition with that build epoch. */
  readonly database?: Uint8Array;
}

/** The releases on offer, by edition; older ones stay available under their date. */
export class Releases {
  readonly #byEdition = new Map<string, Release[]>();

  /** Offers the world's City and ASN editions. */
  constructor() {
    for (const id of EDITION_IDS) this.publish(id);
  }

  /** Makes a release the newest of its edition. */
  publish(edition: string, options: ReleaseOptions = {}): Release {
    const { buildEpoch = EDITION_BUILD_EPOCH } = options;
    const publishedAt = typeof buildEpoch === "number" ? new Date(buildEpoch * 1000) : buildEpoch;
    const database = options.database ?? buildEdition(edition as TestEditionId, { buildEpoch });
    const date = publishedAt.toISOString().slice(0, 10).replaceAll("-", "");
    const release = { edition, date, database, publishedAt };
    this.#byEdition.set(edition, [release, ...this.#byEdition.get(edition) ?? []]);
    return release;
  }

  /** Takes an edition off the offer. */
  withdraw(edition: string): void {
    this.#byEdition.delete(edition);
  }

  /** The newest release of an edition, or the one of a date; null when there is none. */
  find(edition: string, date?: string | null): Release | null {
    const releases = this.#byEdition.get(edition) ?? [];
    return (date ? releases.find((release) => release.date === date) : releases[0]) ?? null;
  }
}

const CHECKSUMS = new WeakMap<Uint8Array, string>();
const ARCHIVES = new WeakMap<Uint8Array, Map<string, Uint8Array>>();

/** MD5 of the database, as the metadata tells it. */
export function md5Of(release: Release): string {
  const known = CHECKSUMS.get(release.database);
  if (known !== undefined) return known;
  const checksum = createHash("md5").update(release.database).digest("hex");
  CHECKSUMS.set(release.database, checksum);
  return checksum;
}

/** SHA-256 of an archive, as `.sha256` tells it. */
export function sha256Of(archive: Uint8Array): string {
  return createHash("sha256").update(archive).digest("hex");
}

/** The `.tar.gz` of a release. */
export function archiveOf(release: Release, hostility?: TarHostility): Uint8Array {
  const archives = ARCHIVES.get(release.database) ?? new Map<string, Uint8Array>();
  ARCHIVES.set(release.database, archives);
  const key = `${release.date} ${hostility ?? ""}`;
  const known = archives.get(key);
  if (known !== undefined) return known;
  const archive = gzipSync(writeEditionTar(release, hostility), { level: 1 });
  archives.set(key, archive);
  return archive;
}

/** A gigabyte of zeros, compressed: about a megabyte. */
export function gzipBomb(): Uint8Array {
  // Members of a gzip file follow each other: one of 16 MB, sixty-four times.
  const member = gzipSync(Buffer.alloc(16 * 1024 * 1024));
  return Buffer.concat(Array.from({ length: 64 }, () => member));
}
