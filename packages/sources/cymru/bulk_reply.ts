import { type IpAddress, parseAddress } from "@ipcascade/core";
import { createLineSplitter } from "./line_splitter.ts";
import { type Origin, readOrigin, splitColumns } from "./origin.ts";

/**
 * One line of the bulk reply.
 * - `origin`: an answer; the address is canonical, however the server spelled it
 * - `rejected`: the server could not read a line of ours; it does not say which address that was
 * - `notice`: the banner, the header row, an empty line
 * - `garbage`: anything else
 */
export type BulkLine =
  | { readonly kind: "origin"; readonly address: IpAddress; readonly origin: Origin }
  | { readonly kind: "rejected" }
  | { readonly kind: "notice" }
  | { readonly kind: "garbage" };

/** What a bulk session brought so far. */
export interface BulkReply {
  /** Takes the next bytes; false when the reply breaks a bound, so that reading on is no use. */
  push(bytes: Uint8Array): boolean;
  /** The announcements of each address asked for, by its canonical text. */
  readonly origins: ReadonlyMap<string, readonly Origin[]>;
  /** Bytes taken. */
  readonly size: number;
  /** Lines of ours that the server could not read. */
  readonly rejectedCount: number;
  /** Lines that the protocol does not know, and rows about addresses that nobody asked for. */
  readonly garbageCount: number;
}

/** A row has about 100 bytes, one with a long name 300. */
const MAX_LINE_BYTES = 4096;
/** Rows come to about 100 bytes, and an address may have several. */
const BYTES_PER_ADDRESS = 2048;
const SPARE_BYTES = 65_536;
/** `AS | IP | BGP Prefix | CC | Registry | Allocated | AS Name`. */
const COLUMN_COUNT = 7;

const utf8 = new TextDecoder("utf-8", { fatal: true });
const latin1 = new TextDecoder("windows-1252");

/** Collects a bulk reply to these addresses, given as canonical texts. */
export function createBulkReply(asked: ReadonlySet<string>): BulkReply {
  const splitter = createLineSplitter(MAX_LINE_BYTES);
  const maxBytes = SPARE_BYTES + asked.size * BYTES_PER_ADDRESS;
  const origins = new Map<string, Origin[]>();
  const counts = { size: 0, rejected: 0, garbage: 0 };

  function take(line: BulkLine): void {
    if (line.kind === "rejected") counts.rejected++;
    if (line.kind === "garbage") counts.garbage++;
    if (line.kind !== "origin") return;
    const { text } = line.address;
    if (!asked.has(text)) counts.garbage++;
    else if (origins.has(text)) origins.get(text)?.push(line.origin);
    else origins.set(text, [line.origin]);
  }

  return {
    origins,
    push(bytes) {
      counts.size += bytes.byteLength;
      if (counts.size > maxBytes) return false;
      const lines = splitter.push(bytes);
      lines?.map(readBulkLine).forEach(take);
      return lines !== null;
    },
    get size() {
      return counts.size;
    },
    get rejectedCount() {
      return counts.rejected;
    },
    get garbageCount() {
      return counts.garbage;
    },
  };
}

/** Reads one line of the bulk reply. */
export function readBulkLine(bytes: Uint8Array): BulkLine {
  const line = decodeLine(bytes).trim();
  if (line === "" || /^Bulk mode;/i.test(line) || /^AS\s*\|\s*IP\s*\|/i.test(line)) return { kind: "notice" };
  if (/^Error: no ASN or IP match on line \d+/i.test(line)) return { kind: "rejected" };
  const [asn = "", ip = "", prefix = "", country = "", registry = "", allocated = "", name] = splitColumns(
    line,
    COLUMN_COUNT,
  );
  if (name === undefined) return { kind: "garbage" };
  const address = parseAddress(ip);
  const origin = readOrigin({ asn, prefix, country, registry, allocated, name });
  if (address === null || origin === null) return { kind: "garbage" };
  return { kind: "origin", address, origin };
}

/** Each line for itself: one AS name in Latin-1 must not spoil the others. */
function decodeLine(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1.decode(bytes);
  }
}
