import { EditionUnreadableError } from "@ipcascade/core";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import { MmdbDecoder } from "./mmdb_decoder.ts";
import { isMap, type MmdbMap, type MmdbValue } from "./mmdb_value.ts";

/** What a database says about itself. */
export interface MmdbMetadata {
  /** Such as `GeoLite2-City`. */
  readonly databaseType: string;
  /** When it was built, in seconds since 1970 UTC. */
  readonly buildEpoch: number;
  /** With 6, IPv4 addresses are under `::/96`. */
  readonly ipVersion: 4 | 6;
  /** Nodes of the search tree. */
  readonly nodeCount: number;
  /** Bits of one record; a node has two. */
  readonly recordSize: 24 | 28 | 32;
}

/** Where the metadata is and what it says. */
export interface FoundMetadata {
  readonly metadata: MmdbMetadata;
  /** Offset of the marker, which is where the data section ends. */
  readonly markerAt: number;
  /** The whole map, with keys that nobody reads. */
  readonly fields: MmdbMap;
}

/** The specification's marker `\xab\xcd\xefMaxMind.com`. */
const MARKER = Uint8Array.of(0xab, 0xcd, 0xef, 77, 97, 120, 77, 105, 110, 100, 46, 99, 111, 109);

/** The specification's limit on the metadata, marker included. */
const MAX_METADATA_BYTES = 128 * 1024;

/** The last second that RFC 3339 can write (the year 9999). */
const MAX_EPOCH = 253_402_300_799;

/** Finds and checks the metadata of a database file. Throws `EditionUnreadableError`. */
export function readMetadata(bytes: Uint8Array): FoundMetadata {
  const markerAt = findMarker(bytes);
  if (markerAt < 0) throw unreadable(`no metadata in the last ${MAX_METADATA_BYTES} bytes`);
  const map = decodeMetadata(bytes.subarray(markerAt + MARKER.length));
  if (map.binary_format_major_version !== 2) {
    throw unreadable(`binary_format_major_version is ${show(map.binary_format_major_version)}, expected 2`);
  }
  return {
    markerAt,
    fields: map,
    metadata: {
      databaseType: readDatabaseType(map.database_type),
      buildEpoch: readWhole(map, "build_epoch", MAX_EPOCH),
      ipVersion: readOneOf(map, "ip_version", [4, 6]),
      nodeCount: readWhole(map, "node_count", 0xffffffff),
      recordSize: readOneOf(map, "record_size", [24, 28, 32]),
    },
  };
}

/** The refusal of a file, with what is wrong with it. */
export function unreadable(state: string): EditionUnreadableError {
  return new EditionUnreadableError(`Cannot open MaxMind database: ${state}`);
}

/** The last marker counts: the data section may hold the same bytes. */
function findMarker(bytes: Uint8Array): number {
  const lowest = Math.max(0, bytes.length - MAX_METADATA_BYTES);
  for (let at = bytes.length - MARKER.length; at >= lowest; at--) {
    if (MARKER.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

function decodeMetadata(section: Uint8Array): MmdbMap {
  try {
    const value = new MmdbDecoder(section).decode(0);
    if (isMap(value)) return value;
  } catch (error) {
    if (!(error instanceof MmdbCorruptError)) throw error;
    throw unreadable(`metadata is damaged: ${error.message}`);
  }
  throw unreadable("metadata is not a map");
}

function readDatabaseType(value: MmdbValue | undefined): string {
  if (typeof value !== "string" || value === "") throw unreadable(`database_type is ${show(value)}`);
  return value;
}

function readWhole(map: MmdbMap, key: string, max: number): number {
  const value = map[key];
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw unreadable(`${key} is ${show(value)}, expected 1 to ${max}`);
}

function readOneOf<Choice extends number>(map: MmdbMap, key: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === map[key]);
  if (choice !== undefined) return choice;
  throw unreadable(`${key} is ${show(map[key])}, expected ${choices.join(" or ")}`);
}

function show(value: MmdbValue | undefined): string {
  if (value === undefined) return "missing";
  if (typeof value === "object") return "not a number or text";
  return typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : String(value);
}
