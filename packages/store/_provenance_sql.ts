import type { SourceName } from "@ipcascade/core";

/**
 * The document with what `_meta` keeps of a source replaced. Documents of our own making have the place; others get it.
 */
export function provenanceSet(document: string, source: SourceName, provenance: string): string {
  return `jsonb_set(
    case when jsonb_typeof(${document} #> '{_meta,sources}') = 'object' then ${document}
      else ${document} || '{"_meta": {"version": 1, "sources": {}}}' end,
    '{_meta,sources,${source}}', ${provenance})`;
}
