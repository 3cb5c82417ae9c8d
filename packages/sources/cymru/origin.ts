import { type CymruAnswer, parseAddress } from "@ipcascade/core";
import { cleanText } from "../clean_text.ts";

/** One announcement of a prefix, as a row of the bulk reply or a TXT record tells it. */
export interface Origin {
  /** The origin ASNs in the order of their column; empty when the address is not announced (`NA`). */
  readonly asns: readonly number[];
  /** Canonical text, null when the column holds no prefix. */
  readonly prefix: string | null;
  /** Bits of the prefix, -1 when there is none. */
  readonly prefixLength: number;
  readonly countryCode: string | null;
  readonly registry: string | null;
  readonly allocated: string | null;
  /** Name of the first of `asns`. */
  readonly asnOrg: string | null;
}

/** The columns of an announcement as text, in the order in which Team Cymru gives them. */
export interface OriginColumns {
  readonly asn: string;
  readonly prefix: string;
  readonly country: string;
  readonly registry: string;
  readonly allocated: string;
  readonly name: string;
}

/** An answer without the moment it was given. */
export type CymruFacts = Omit<CymruAnswer, "checked_at">;

const MAX_ASN = 0xffff_ffff;
const MAX_NAME_LENGTH = 200;
const MAX_REGISTRY_LENGTH = 20;
/** What registries write where they know no country. */
const NO_COUNTRY = new Set(["XX", "ZZ", "NA"]);

/** Reads the columns of one announcement; null when the first one holds neither ASNs nor `NA`. */
export function readOrigin(columns: OriginColumns): Origin | null {
  const asns = readAsns(columns.asn);
  if (asns === null) return null;
  return {
    asns,
    ...readPrefix(columns.prefix),
    countryCode: readCountry(columns.country),
    registry: readText(columns.registry, MAX_REGISTRY_LENGTH)?.toLowerCase() ?? null,
    allocated: readDate(columns.allocated),
    asnOrg: readText(columns.name, MAX_NAME_LENGTH),
  };
}

/**
 * Makes one answer of all announcements that cover an address, whatever their order: the longest prefix wins,
 * then the lowest ASN; every ASN is kept. Null when none announces it.
 */
export function mergeOrigins(origins: readonly Origin[]): CymruFacts | null {
  const candidates = origins.flatMap(listCandidates).sort(compareCandidates);
  const best = candidates[0];
  if (best === undefined) return null;
  const { origin } = best;
  return {
    asn: best.asn,
    asns: [...new Set(candidates.map(({ asn }) => asn))].sort((a, b) => a - b),
    asn_org: best.asnOrg,
    country_code: origin.countryCode,
    registry: origin.registry,
    prefix: origin.prefix,
    allocated: origin.allocated,
  };
}

/** Splits a line at `|` into `count` trimmed columns; the last one keeps further bars. Fewer stay fewer. */
export function splitColumns(line: string, count: number): string[] {
  const parts = line.split("|");
  const columns = parts.slice(0, count - 1);
  if (parts.length >= count) columns.push(parts.slice(count - 1).join("|"));
  return columns.map((column) => column.trim());
}

/** Reads an organisation's name as Team Cymru spells it; null for an empty one and for `NA`. */
export function readAsName(text: string): string | null {
  return readText(text, MAX_NAME_LENGTH);
}

interface Candidate {
  readonly asn: number;
  readonly asnOrg: string | null;
  readonly origin: Origin;
}

function listCandidates(origin: Origin): Candidate[] {
  return origin.asns.map((asn, index) => ({ asn, asnOrg: index === 0 ? origin.asnOrg : null, origin }));
}

/** A total order, so that the rows' own order never decides. */
function compareCandidates(a: Candidate, b: Candidate): number {
  return b.origin.prefixLength - a.origin.prefixLength ||
    a.asn - b.asn ||
    Number(a.asnOrg === null) - Number(b.asnOrg === null) ||
    compareTexts(JSON.stringify([a.asnOrg, a.origin]), JSON.stringify([b.asnOrg, b.origin]));
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function readAsns(text: string): number[] | null {
  const words = text.split(/\s+/).filter((word) => word !== "");
  if (words.length === 1 && words[0]?.toUpperCase() === "NA") return [];
  if (words.length === 0 || !words.every((word) => /^\d{1,10}$/.test(word))) return null;
  return words.map(Number).filter((asn) => asn > 0 && asn <= MAX_ASN);
}

function readPrefix(text: string): Pick<Origin, "prefix" | "prefixLength"> {
  const none = { prefix: null, prefixLength: -1 };
  const [, head, bits] = /^([0-9A-Fa-f:.]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = head === undefined ? null : parseAddress(head);
  const prefixLength = Number(bits);
  if (address === null || prefixLength > (address.family === 4 ? 32 : 128)) return none;
  return { prefix: `${address.text}/${prefixLength}`, prefixLength };
}

function readCountry(text: string): string | null {
  const code = text.toUpperCase();
  return /^[A-Z]{2}$/.test(code) && !NO_COUNTRY.has(code) ? code : null;
}

function readDate(text: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  // A day that the calendar lacks either can't be read or comes back as another one.
  const instant = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text) ? text : null;
}

function readText(text: string, maxLength: number): string | null {
  const cleaned = cleanText(text, maxLength);
  return cleaned?.toUpperCase() === "NA" ? null : cleaned;
}
