import type { Enrichment, MaxmindAnswer, SourceName, SourceProvenance } from "@ipcascade/core";
import { cleanJson } from "./_parameters.ts";
import type { RowBytes } from "./_row_bytes.ts";

/** Adds a document as JSON that `jsonb` accepts. */
export type DocumentWriter = (document: Enrichment, bytes: RowBytes) => void;

/**
 * Makes a writer for the documents of one batch. One with nothing but MaxMind's answer is put together here, without a
 * string of it; what most rows of a batch have in common is made once.
 */
export function createDocumentWriter(): DocumentWriter {
  const writeSources = createSourcesWriter();
  return (document, bytes) => {
    const start = bytes.length;
    if (isPlain(document) && writePlain(document, bytes, writeSources)) return;
    bytes.cut(start);
    bytes.addText(cleanJson(document));
  };
}

const encoder = new TextEncoder();
const text = (fragment: string) => encoder.encode(fragment);

// Keys go in the order in which `jsonb` keeps them, by length and then by bytes: the server has nothing to sort.
const SOURCES = text(`{"_meta":{"sources":{`);
const VERSION = text(`},"version":`);
const SCOPE = text(`},"address":{"scope":`);
const ASN = text(`},"maxmind":{"asn":`);
const CITY = text(`,"city":`);
const ASN_ORG = text(`,"asn_org":`);
const LATITUDE = text(`,"latitude":`);
const LONGITUDE = text(`,"longitude":`);
const CHECKED_AT = text(`,"checked_at":`);
const COUNTRY_CODE = text(`,"country_code":`);
const COUNTRY_NAME = text(`,"country_name":`);
const DATABASE_BUILD = text(`,"database_build":`);
const ACCURACY_RADIUS = text(`,"accuracy_radius":`);
const END = text("}}");
const NULL = text("null");
const QUOTE = text(`"`);
const COMMA = text(",");

type SourcesWriter = (sources: Sources, bytes: RowBytes) => boolean;

/** False when a text is not what JSON takes as it is; what was added is then good for nothing. */
function writePlain(
  { maxmind, address, _meta }: PlainDocument,
  bytes: RowBytes,
  writeSources: SourcesWriter,
): boolean {
  bytes.addBytes(SOURCES);
  if (!writeSources(_meta.sources, bytes)) return false;
  addNumber(bytes, VERSION, _meta.version);
  return addText(bytes, SCOPE, address.scope) && writeMaxmind(maxmind, bytes);
}

function writeMaxmind(answer: MaxmindAnswer, bytes: RowBytes): boolean {
  addNumber(bytes, ASN, answer.asn);
  if (!addText(bytes, CITY, answer.city) || !addText(bytes, ASN_ORG, answer.asn_org)) return false;
  addNumber(bytes, LATITUDE, answer.latitude);
  addNumber(bytes, LONGITUDE, answer.longitude);
  if (!addText(bytes, CHECKED_AT, answer.checked_at)) return false;
  if (!addText(bytes, COUNTRY_CODE, answer.country_code)) return false;
  if (!addText(bytes, COUNTRY_NAME, answer.country_name)) return false;
  if (!addText(bytes, DATABASE_BUILD, answer.database_build)) return false;
  addNumber(bytes, ACCURACY_RADIUS, answer.accuracy_radius);
  bytes.addBytes(END);
  return true;
}

/** A finite number or null as the value of a key. */
function addNumber(bytes: RowBytes, key: Uint8Array, value: number | null): void {
  bytes.addBytes(key);
  if (value === null) bytes.addBytes(NULL);
  else bytes.addText(String(value));
}

/** A text or null as the value of a key; false when JSON does not take the text as it is. */
function addText(bytes: RowBytes, key: Uint8Array, value: string | null): boolean {
  bytes.addBytes(key);
  if (value === null) {
    bytes.addBytes(NULL);
    return true;
  }
  bytes.addBytes(QUOTE);
  const isAdded = bytes.addPlain(value);
  bytes.addBytes(QUOTE);
  return isAdded;
}

type Sources = Enrichment["_meta"]["sources"];

function createSourcesWriter(): SourcesWriter {
  const writeCymru = createProvenanceWriter("cymru");
  const writeMaxmind = createProvenanceWriter("maxmind");
  const writeGreynoise = createProvenanceWriter("greynoise");
  return ({ maxmind, cymru, greynoise }, bytes) => {
    if (cymru !== undefined && !writeCymru(cymru, bytes)) return false;
    if (cymru !== undefined && maxmind !== undefined) bytes.addBytes(COMMA);
    if (maxmind !== undefined && !writeMaxmind(maxmind, bytes)) return false;
    if (greynoise === undefined) return true;
    if (cymru !== undefined || maxmind !== undefined) bytes.addBytes(COMMA);
    return writeGreynoise(greynoise, bytes);
  };
}

const CLOSE = text("}");

/** Remembers all but the duration: the rows of a batch mostly have the same. */
function createProvenanceWriter(source: SourceName): (one: SourceProvenance, bytes: RowBytes) => boolean {
  let last: SourceProvenance | null = null;
  let head: Uint8Array | null = null;
  return (one, bytes) => {
    if (last === null || !isSame(one, last)) {
      last = one;
      head = makeHead(source, one);
    }
    if (head === null) return false;
    bytes.addBytes(head);
    bytes.addText(String(one.duration_ms));
    bytes.addBytes(CLOSE);
    return true;
  };
}

function isSame(one: SourceProvenance, other: SourceProvenance): boolean {
  return one === other ||
    (one.reason === other.reason && one.checked_at === other.checked_at && one.outcome === other.outcome);
}

/** Null when JSON does not take one of the texts as it is. */
function makeHead(source: SourceName, { reason, outcome, checked_at }: SourceProvenance): Uint8Array | null {
  const first = reason === undefined ? "" : `"reason":${JSON.stringify(reason)},`;
  const head = `"${source}":{${first}"outcome":"${outcome}","checked_at":${
    JSON.stringify(checked_at)
  },"duration_ms":`;
  return head.includes("\\") ? null : text(head);
}

/** Fields of an answer of MaxMind. */
const MAXMIND_FIELDS = 10;
/** MaxMind's answer, the address and `_meta`. */
const PLAIN_FIELDS = 3;

type PlainDocument = Enrichment & { readonly maxmind: MaxmindAnswer };

/** Tells whether a document has MaxMind's answer alone, and no field or number that JSON writes in a way of its own. */
function isPlain(document: Enrichment): document is PlainDocument {
  const { maxmind, address, _meta } = document;
  if (maxmind === undefined || countFields(document) !== PLAIN_FIELDS) return false;
  if (countFields(maxmind) !== MAXMIND_FIELDS || countFields(address) !== 1 || countFields(_meta) !== 2) {
    return false;
  }
  const { latitude, longitude, accuracy_radius, asn } = maxmind;
  if (!(isNumber(latitude) && isNumber(longitude) && isNumber(accuracy_radius) && isNumber(asn))) {
    return false;
  }
  return isNumber(_meta.version) && hasPlainSources(_meta.sources);
}

const NAMES: ReadonlySet<string> = new Set(["maxmind", "cymru", "greynoise"]);

function hasPlainSources(sources: Readonly<Record<string, SourceProvenance>>): boolean {
  for (const name in sources) {
    const one = sources[name]!;
    if (!NAMES.has(name) || countFields(one) !== (one.reason === undefined ? 3 : 4)) return false;
    if (!Number.isFinite(one.duration_ms)) return false;
  }
  return true;
}

function isNumber(value: number | null): boolean {
  return value === null || Number.isFinite(value);
}

function countFields(value: object): number {
  let count = 0;
  for (const _ in value) count++;
  return count;
}
