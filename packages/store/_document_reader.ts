import { classifyScope, emptyEnrichment, type Enrichment, parseAddress } from "@ipcascade/core";

type AnyDocument = Partial<Enrichment>;

/** How PostgreSQL begins MaxMind's answer: it sorts the fields of a document by length, then by name. */
const MAXMIND = ', "maxmind": {';
/** What stands before it in a document, and after the provenance of a source called so. */
const ADDRESS = ', "address": ';
/** Heads that are remembered: a part of a batch whose rows were stored one by one has one for each. */
const MAX_HEADS = 256;

/**
 * Reads documents as PostgreSQL writes them. Rows that were stored together have the same provenance and scope, which is
 * the longer part of a document: it is parsed once, frozen and shared.
 */
export class DocumentReader {
  readonly #heads = new Map<string, AnyDocument | null>();
  #lastText = "";
  #last: AnyDocument | null = null;

  /** The document of an address; what every one of ours has is put into those that others wrote. */
  read(text: string, ipAddress: string): Enrichment {
    const document = this.#parse(text);
    if (isRecord(document.address) && isRecord(document._meta?.sources)) return document as Enrichment;
    const address = parseAddress(ipAddress);
    const { address: scope, _meta } = emptyEnrichment(address === null ? "reserved" : classifyScope(address));
    return {
      ...document,
      address: isRecord(document.address) ? document.address! : scope,
      _meta: isRecord(document._meta?.sources) ? document._meta! : _meta,
    };
  }

  #parse(text: string): AnyDocument {
    const end = text.lastIndexOf(MAXMIND);
    if (end < 0 || text.includes(ADDRESS, end)) return JSON.parse(text);
    const head = this.#readHead(text.slice(0, end));
    if (head === null) return JSON.parse(text);
    return { ...head, ...JSON.parse(`{${text.slice(end + ", ".length)}`) };
  }

  #readHead(text: string): AnyDocument | null {
    if (text === this.#lastText) return this.#last;
    let head = this.#heads.get(text);
    if (head === undefined) {
      head = parseHead(text);
      if (this.#heads.size < MAX_HEADS) this.#heads.set(text, head);
    }
    this.#lastText = text;
    return this.#last = head;
  }
}

/** Null when the document does not end its first fields there: it was cut within a field or a text. */
function parseHead(text: string): AnyDocument | null {
  try {
    return freeze(JSON.parse(`${text}}`));
  } catch {
    return null;
  }
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
