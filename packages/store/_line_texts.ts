import type { Enrichment, MaxmindAnswer, SourceName, SourceProvenance } from "@ipcascade/core";
import { cleanJson, cleanText } from "./_parameters.ts";

/** How texts and documents stand in a line of COPY's text format. */
export interface LineTexts {
  /** A text that the database can store. */
  writeText(text: string): string;
  /** A document as JSON that `jsonb` accepts. */
  writeDocument(document: Enrichment): string;
}

/**
 * Makes a writer for the lines of one batch. A document with nothing but MaxMind's answer is put together here, several
 * times as fast as by `JSON.stringify`; what most rows of a batch have in common is made once.
 */
export function createLineTexts(): LineTexts {
  const writeSources = createSourcesWriter();
  return {
    writeText: (text) => NEEDS_CARE.test(text) ? escape(cleanText(text)) : text,
    writeDocument(document) {
      const text = isPlain(document) ? writePlain(document, writeSources) : null;
      // What JSON escapes may have to be cleaned, and COPY escapes it once more.
      return text === null || text.includes("\\") ? escape(cleanJson(document)) : text;
    },
  };
}

function writePlain(
  { maxmind, address, _meta }: PlainDocument,
  writeSources: (sources: Sources) => string,
): string {
  const sources = writeSources(_meta.sources);
  return `{"maxmind":${
    writeMaxmind(maxmind)
  },"address":{"scope":"${address.scope}"},"_meta":{"version":${_meta.version},"sources":{${sources}}}}`;
}

function writeMaxmind(answer: MaxmindAnswer): string {
  const { country_code, country_name, city, latitude, longitude, accuracy_radius, asn, asn_org } = answer;
  return `{"country_code":${quote(country_code)},"country_name":${quote(country_name)},"city":${
    quote(city)
  },"latitude":${latitude},"longitude":${longitude},"accuracy_radius":${accuracy_radius},"asn":${asn},"asn_org":${
    quote(asn_org)
  },"database_build":${quote(answer.database_build)},"checked_at":${quote(answer.checked_at)}}`;
}

/** A text or null as JSON. */
function quote(text: string | null): string {
  if (text === null) return "null";
  return NEEDS_CARE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

type Sources = Enrichment["_meta"]["sources"];

function createSourcesWriter(): (sources: Sources) => string {
  const writeCymru = createProvenanceWriter("cymru");
  const writeGreynoise = createProvenanceWriter("greynoise");
  return ({ maxmind, cymru, greynoise }) => {
    let text = maxmind === undefined ? "" : writeProvenance("maxmind", maxmind);
    if (cymru !== undefined) text += (text === "" ? "" : ",") + writeCymru(cymru);
    if (greynoise !== undefined) text += (text === "" ? "" : ",") + writeGreynoise(greynoise);
    return text;
  };
}

/** Remembers the last text: for a source that is left out, all rows of a batch have the same. */
function createProvenanceWriter(source: SourceName): (one: SourceProvenance) => string {
  let last: SourceProvenance | null = null;
  let text = "";
  return (one) => {
    if (last !== null && isSame(one, last)) return text;
    last = one;
    return text = writeProvenance(source, one);
  };
}

function isSame(one: SourceProvenance, other: SourceProvenance): boolean {
  return one.reason === other.reason && one.checked_at === other.checked_at &&
    one.duration_ms === other.duration_ms && one.outcome === other.outcome;
}

function writeProvenance(source: SourceName, one: SourceProvenance): string {
  const reason = one.reason === undefined ? "" : `"reason":${quote(one.reason)},`;
  return `"${source}":{"outcome":"${one.outcome}",${reason}"checked_at":${
    quote(one.checked_at)
  },"duration_ms":${one.duration_ms}}`;
}

/** What JSON, COPY or the database do not take as it is, and all of UTF-16 that comes in pairs. */
// deno-lint-ignore no-control-regex -- JSON escapes controls
const NEEDS_CARE = /["\\\u0000-\u001f\ud800-\udfff]/;

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

/** What a field holds with a backslash (PostgreSQL, "COPY", Text Format); other controls go as they are. */
const ESCAPED = /[\\\t\n\r]/;
const ALL_ESCAPED = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function escape(text: string): string {
  return ESCAPED.test(text) ? text.replace(ALL_ESCAPED, (character) => ESCAPES[character]!) : text;
}
