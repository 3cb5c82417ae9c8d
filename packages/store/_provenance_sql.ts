import type { SourceName } from "@ipcascade/core";

/**
 * The document with what `_meta` keeps of a source replaced. Documents of our own making have the place; others get it.
 */
export function provenanceSet(document: string, source: SourceName, provenance: string): string {
  return `jsonb_set(
    case when ${document} #> '{_meta,sources}' is null
      then ${document} || '{"_meta": {"version": 1, "sources": {}}}' else ${document} end,
    '{_meta,sources,${source}}', ${provenance})`;
}
