import type { Refuse } from "./delivery.ts";
import type { EditionFile } from "./receive_edition.ts";

/** One piece of work at a mirror. */
export interface MirrorWork {
  readonly refuse: Refuse;
  readonly signal?: AbortSignal;
}

/** A file that a mirror has. */
export interface MirrorFile {
  /** Equal as long as the file is the same; null when the mirror does not tell. */
  readonly version: string | null;
}

/** A file of a mirror on its way. */
export interface OpenMirrorFile extends EditionFile {
  /** RFC 3339; null when the mirror does not tell. */
  readonly modifiedAt: string | null;
}

/** Where a mirror keeps its files. Every method throws `EditionDeliveryError`. */
export interface MirrorPlace {
  /** Null when there is no such file. */
  find(name: string, work: MirrorWork): Promise<MirrorFile | null>;
  /** Reads a small file; null when there is none. */
  readText(name: string, work: MirrorWork): Promise<string | null>;
  /** Opens a file for as long as `use` runs. */
  open<T>(name: string, work: MirrorWork, use: (file: OpenMirrorFile) => Promise<T>): Promise<T>;
}

/** A checksum and a name are shorter. */
export const MAX_CHECKSUM_FILE_BYTES = 4_096;
